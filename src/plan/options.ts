import type { Options } from '../inputs/options.ts'

/** The inputs that decide a plan. */
export type PlanOptions = Pick<
  Options,
  | 'mode'
  | 'architectures'
  | 'image'
  | 'multiArchImage'
  | 'version'
  | 'tags'
  | 'stage'
  | 'buildArguments'
  | 'buildContexts'
  | 'labels'
  | 'annotations'
  | 'legacy'
  | 'runners'
  | 'push'
  | 'cacheScope'
>

/** What the add-ons themselves do not say. */
export interface PlanSetting {
  /** There is no other add-on in this run, not even one that could not be read. Default: there is one. */
  readonly single?: boolean
  /** There is no other add-on in the repository: a release is the release of this one. Default: as `single`. */
  readonly alone?: boolean
  /** Codes of errors that are warnings here, and do not keep targets out of the plan. */
  readonly tolerated?: ReadonlySet<string>
}
