import { count } from '../../core/text.ts'
import { type CheckOutcome, pass, skip, unmet } from '../gates.ts'
import type { TestNetwork } from '../network/test-network.ts'
import type { AddonSession } from '../supervisor/supervisor-mock.ts'
import { followedSupervisor } from '../supervisor/version.ts'
import type { OutcomeContext, SmokeCheck } from './check.ts'

/** The add-on has the rights for what it requests from the Supervisor, and does not ask to be stopped. */
export const supervisor: SmokeCheck = {
  name: 'supervisor',
  defaultGate: 'fail',
  whileRunning: checkSession,
  afterRun: checkSession,
}

function checkSession({ run, network, options }: OutcomeContext): CheckOutcome {
  return evaluateSupervisor(run.session, network, options.supervisor === 'on')
}

/**
 * Pure.
 * @param required the `supervisor` input is `on`, so it is a failure if the mock could not be started
 */
export function evaluateSupervisor(
  session: Pick<AddonSession, 'calls' | 'unknown' | 'denied' | 'stopRequest'> | undefined,
  network: Pick<TestNetwork, 'supervisor' | 'hasSupervisorAddress' | 'address'>,
  required: boolean,
): CheckOutcome {
  if (network.supervisor.kind === 'none') {
    const reason = `the Supervisor mock could not be started: ${network.supervisor.why}`
    return required ? unmet(reason) : skip(reason)
  }
  if (!session) return skip('disabled')
  if (session.stopRequest) return unmet(session.stopRequest)
  const address = network.hasSupervisorAddress
    ? ''
    : ` (at ${network.address}: another network of this machine uses the Supervisor's subnet)`
  const follows = `, as by Supervisor ${followedSupervisor}${address}`
  const refused = firstOf(session.denied.map((call) => `refused: ${call}`)).join('; ')
  const unknown =
    session.unknown.length > 0
      ? `asked for ${count(session.unknown.length, 'thing')} that the mock does not know: ${firstOf(session.unknown).join(', ')}; it follows Supervisor ${followedSupervisor}`
      : ''
  // Only a warning: Home Assistant refuses the request too, and the add-on works nevertheless.
  if (refused) return { ...unmet([`${refused}${follows}`, unknown].filter(Boolean).join('; ')), defaultGate: 'warn' }
  // Never a failure: the mock is at fault.
  if (unknown) return { status: 'warn', reason: `${unknown}${address}` }
  const requests = session.calls.length
  return pass(requests === 0 ? 'no requests' : `${count(requests, 'distinct request')}, all answered${follows}`)
}

/** Maximum requests named in a reason: an add-on can send any number of them. */
const maxNamed = 5

const firstOf = (all: readonly string[]): readonly string[] =>
  all.length <= maxNamed ? all : [...all.slice(0, maxNamed), `and ${all.length - maxNamed} more`]

/** Pure: the end of a sentence about services that the add-on requested and the test does not provide; undefined if there are none. */
export function missingServicesHint(calls: readonly string[]): string | undefined {
  const names = calls.flatMap((call) => /^GET \/services\/([\w-]+)\/? → 400/.exec(call)?.[1] ?? [])
  if (names.length === 0) return undefined
  const example = `smoke-services: ${names[0]}: { host: … }`
  return `. It requested the service ${names.join(', ')}, which the test provides only with "${example}"`
}
