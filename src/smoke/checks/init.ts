import { type CheckOutcome, pass, unmet } from '../gates.ts'
import type { SmokeCheck } from './check.ts'

/** s6-overlay is process 1, which `init: true` prevents. */
export const init: SmokeCheck = {
  name: 'init',
  defaultGate: 'warn',
  whileRunning: ({ image, target }) => evaluateInit(image.entrypoint[0] === '/init', target.run.init),
}

/** Pure. */
export function evaluateInit(s6: boolean, dockerInit: boolean): CheckOutcome {
  if (s6 && dockerInit) return unmet('s6-overlay (/init) must be process 1: set "init: false" in config.yaml')
  return pass(`${s6 ? 's6-overlay' : dockerInit ? 'docker-init' : 'the entrypoint'} is process 1`)
}
