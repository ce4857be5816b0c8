import type { Gate } from '../inputs/options.ts'
import type { Check } from './result.ts'

/**
 * What each check does when it is not met. `fail`: the Supervisor could not run the add-on either. `warn`: it runs, but could be better.
 * The names are those of the `smoke-checks` input.
 */
export const defaultGates = {
  options: 'fail',
  architecture: 'fail',
  starts: 'fail',
  healthy: 'fail',
  settles: 'fail',
  memory: 'fail',
  supervisor: 'fail',
  init: 'warn',
  startup: 'warn',
  stops: 'warn',
  sockets: 'warn',
  user: 'warn',
  log: 'warn',
  hardware: 'warn',
  restart: 'warn',
  'read-only': 'warn',
  capabilities: 'warn',
  network: 'warn',
} as const satisfies Readonly<Record<string, Gate>>

export type CheckName = keyof typeof defaultGates
export const checkNames = Object.keys(defaultGates) as readonly CheckName[]
export type Gates = ReadonlyMap<string, Gate>

export const gateOf = (name: CheckName, gates: Gates): Gate => gates.get(name) ?? defaultGates[name]

/** A check that was met or not; what "not" means is the gate's to say. */
export function judged(name: CheckName, met: boolean, reason: string, gates: Gates, durationMs?: number): Check {
  const gate = gateOf(name, gates)
  const status = met ? 'pass' : gate === 'off' ? 'skip' : gate
  return { name, status, reason, ...(durationMs !== undefined && { durationMs: Math.round(durationMs) }) }
}

export const skipped = (name: CheckName, reason: string): Check => ({ name, status: 'skip', reason })
