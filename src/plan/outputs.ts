import type { Options } from '../inputs/options.ts'
import type { Plan, PlannedAddon, Target } from './plan.ts'

/** Decisions that apply to every image of the plan. */
type Decisions = Pick<Options, 'push' | 'noCache' | 'pull' | 'sign' | 'verifyBase'>

/** The outputs of the step that are known before anything is built. All strings; JSON if there is more than one value. */
export function planOutputs(plan: Plan, decisions: Decisions): ReadonlyMap<string, string> {
  const { addons, diagnostics, matrix } = plan
  const [only] = addons.length === 1 ? addons : []
  return new Map([
    ['version', only?.version ?? ''],
    ['plan', JSON.stringify({ ...plainDecisions(decisions), addons: addons.map(plainAddon), diagnostics })],
    ['matrix', JSON.stringify(matrix)],
  ])
}

/** A key's reference is left out: it may be the path of a file. */
const plainDecisions = ({ push, noCache, pull, sign, verifyBase }: Decisions) => ({
  push,
  noCache,
  pull,
  sign: sign === false ? false : sign.kind,
  verifyBase: verifyBase === undefined ? 'auto' : verifyBase === false ? false : verifyBase.kind,
})

const plainAddon = ({ targets, multiArch, imageWhere, versionWhere, pulledImage, ...addon }: PlannedAddon) => ({
  ...addon,
  ...(multiArch && { multiArch: { ...multiArch, annotations: Object.fromEntries(multiArch.annotations) } }),
  targets: targets.map(plainTarget),
})

/** JSON has no Map. Facts that only the smoke test and the login need are left out. */
const plainTarget = ({ run, pulls, ...target }: Target) => ({
  ...target,
  buildArguments: Object.fromEntries(target.buildArguments),
  buildContexts: Object.fromEntries(target.buildContexts),
  labels: Object.fromEntries(target.labels),
  annotations: Object.fromEntries(target.annotations),
  init: run.init,
})
