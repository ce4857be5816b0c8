import { type Gates, judged, skipped } from '../gates.ts'
import type { Stage } from '../network/test-network.ts'
import type { Check } from '../result.ts'
import type { Guest } from '../supervisor/mock-api.ts'

/** Pure: what the add-on did with the Supervisor. Stopping itself is a failure; what the stand-in has no answer for is only said. */
export function judgeSupervisor(
  guest: Guest | undefined,
  { supervisor, exact, address }: Pick<Stage, 'supervisor' | 'exact' | 'address'>,
  demanded: boolean,
  gates: Gates,
): Check {
  if (supervisor.kind === 'none') {
    const reason = `the Supervisor mock could not be started: ${supervisor.why}`
    return demanded ? judged('supervisor', false, reason, gates) : skipped('supervisor', reason)
  }
  if (!guest) return skipped('supervisor', 'switched off')
  if (guest.stopAsked) return judged('supervisor', false, guest.stopAsked, gates)
  const where = exact ? '' : ` (at ${address}: the Supervisor's network is taken on this machine)`
  const problems = [
    ...firstOf(guest.denied.map((call) => `refused: ${call}`)),
    ...(guest.unknown.length > 0 ? [`not known to the Supervisor mock: ${firstOf(guest.unknown).join(', ')}`] : []),
  ]
  if (problems.length > 0) {
    const check = judged('supervisor', false, `${problems.join('; ')}${where}`, gates)
    // A refusal happens in Home Assistant too, where the add-on lives with it.
    return check.status === 'fail' && !gates.has('supervisor') ? { ...check, status: 'warn' } : check
  }
  const calls = guest.calls.length
  return judged(
    'supervisor',
    true,
    `${calls === 0 ? 'never asked' : `asked for ${calls} ${calls === 1 ? 'thing' : 'things'}, all answered`}${where}`,
    gates,
  )
}

/** An add-on can ask for anything, and as often as it likes; a reason has to be read. */
const mostNamed = 5

const firstOf = (all: readonly string[]): readonly string[] =>
  all.length <= mostNamed ? all : [...all.slice(0, mostNamed), `and ${all.length - mostNamed} more`]

/** Pure: services that the add-on asked for and the test does not offer, as the end of a sentence; undefined where there are none. */
export function servicesInVain(calls: readonly string[]): string | undefined {
  const names = calls.flatMap((call) => /^GET \/services\/([\w-]+)\/? → 400/.exec(call)?.[1] ?? [])
  if (names.length === 0) return undefined
  const example = `smoke-services: ${names[0]}: { host: … }`
  return `. It asked for the service ${names.join(', ')}, which the test offers only with "${example}"`
}
