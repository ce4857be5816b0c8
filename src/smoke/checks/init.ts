import type { ImageFacts } from '../container/image.ts'
import { checkResult, type Gates } from '../gates.ts'
import type { CheckResult } from '../result.ts'
import type { SmokeCheck } from './check.ts'

/** s6-overlay is process 1, which `init: true` prevents. */
export const init: SmokeCheck = {
  name: 'init',
  defaultGate: 'warn',
  whileRunning: ({ image, target, options }) => evaluateInit(image, target.run.init, options.smokeChecks),
}

/** Pure. */
export function evaluateInit(
  { entrypoint }: Pick<ImageFacts, 'entrypoint'>,
  dockerInit: boolean,
  gates: Gates,
): CheckResult {
  const s6 = entrypoint[0] === '/init'
  if (s6 && dockerInit) {
    return checkResult(init, false, 's6-overlay (/init) must be process 1: set "init: false" in config.yaml', gates)
  }
  const first = s6 ? 's6-overlay is process 1' : dockerInit ? 'docker-init is process 1' : 'the entrypoint is process 1'
  return checkResult(init, true, first, gates)
}
