import type { Addon } from '../addon/addon.ts'
import type { GitHubEvent } from '../core/host.ts'
import type { PlanOptions } from '../inputs/options.ts'
import type { Names } from './names.ts'

/** Facts about the run and the repository that the add-ons themselves do not have. */
export interface PlanSetting {
  /** Whether the run has only one add-on, counting those that could not be read. Default: false. */
  readonly single?: boolean
  /** Whether the repository has only one add-on, so that a release is the release of this one. Default: as `single`. */
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
