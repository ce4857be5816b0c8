import type { Addon } from '../addon/addon.ts'
import type { GitHubEvent } from '../core/host.ts'
import type { PlanOptions } from '../inputs/options.ts'
import type { Names } from './names.ts'

/** Facts about the run and the repository that the add-ons themselves do not have. */
export interface PlanSetting {
  /** There is no other add-on in this run, not even one that could not be read. Default: there is one. */
  readonly single?: boolean
  /** There is no other add-on in the repository: a release is the release of this one. Default: as `single`. */
  readonly alone?: boolean
  /** Codes of errors that are only warnings, and do not keep targets out of the plan. */
  readonly downgraded?: ReadonlySet<string>
}

/** Everything that is the same for all architectures of an add-on. */
export interface AddonContext {
  readonly addon: Addon
  readonly version: string
  readonly names: Names
  readonly options: PlanOptions
  readonly event: GitHubEvent
}
