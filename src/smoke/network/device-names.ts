import { addonDomain } from '../../core/supervisor.ts'

/** The last number of the address of each name in the Supervisor's network. Source: Supervisor plugins/dns.py and docker/network.py. */
const lastNumbers: ReadonlyMap<string, number> = new Map([
  ['homeassistant', 1],
  ['home-assistant', 1],
  ['dns', 3],
  ['observer', 6],
])

/**
 * Pure: the names that an add-on can resolve on a device, with and without their domain. Only the Supervisor answers in the test.
 * @param supervisor address of the Supervisor in the network of the container; undefined: it has no Supervisor
 * @param network address of the Supervisor in the network that the other names belong to
 */
export function deviceNames(supervisor: string | undefined, network: string): ReadonlyMap<string, string> {
  const names = [
    ...(supervisor === undefined ? [] : ['supervisor', 'hassio'].map((name) => [name, supervisor] as const)),
    ...[...lastNumbers].map(([name, last]) => [name, network.slice(0, network.lastIndexOf('.') + 1) + last] as const),
  ]
  return new Map(
    names.flatMap(([name, address]) => [[name, address] as const, [`${name}.${addonDomain}`, address] as const]),
  )
}
