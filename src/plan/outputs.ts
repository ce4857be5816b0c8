import type { Plan, PlannedAddon, Target } from './plan.ts'

/** The outputs of the step that are known before anything is built. All text; JSON where there is more than one value. */
export function planOutputs(plan: Plan): ReadonlyMap<string, string> {
  const [only] = plan.addons.length === 1 ? plan.addons : []
  return new Map([
    ['version', only?.version ?? ''],
    ['plan', JSON.stringify({ addons: plan.addons.map(plainAddon), diagnostics: plan.diagnostics })],
    ['matrix', JSON.stringify(plan.matrix)],
  ])
}

const plainAddon = ({ targets, multiArch, imageWhere, ...addon }: PlannedAddon) => ({
  ...addon,
  ...(multiArch && { multiArch: { ...multiArch, annotations: Object.fromEntries(multiArch.annotations) } }),
  targets: targets.map(plainTarget),
})

/** A Map is nothing in JSON. What only the smoke test and the login need is left out. */
const plainTarget = ({ run, pulls, ...target }: Target) => ({
  ...target,
  buildArguments: Object.fromEntries(target.buildArguments),
  buildContexts: Object.fromEntries(target.buildContexts),
  labels: Object.fromEntries(target.labels),
  annotations: Object.fromEntries(target.annotations),
  init: run.init,
})
