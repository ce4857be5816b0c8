import { describeWith } from '../environment/describe-with.ts'
import { type Facts, type Need, readFacts } from '../environment/facts.ts'

/** An engine of one image store, and a driver on it: what a job needs to build there. */
export interface BuildDriver {
  readonly name: 'docker, containerd store' | 'docker, classic store' | 'docker-container'
  readonly store: 'containerd' | 'classic'
  readonly dockerHost: string
  readonly inputs: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
}

/** `host`: another registry than the test environment's that is spoken to without TLS. */
const containerInputs = (registries: readonly string[]): Readonly<Record<string, string>> => ({
  driver: 'docker-container',
  // So that the builder reaches a registry on this machine's loopback.
  'driver-opts': 'network=host',
  'buildkitd-config': registries.map((registry) => `[registry."${registry}"]\nhttp = true\n`).join(''),
})

const drivers = (facts: Facts): readonly (BuildDriver & { readonly needs: readonly Need[] })[] => {
  const { containerd = '', classic = '' } = facts.engines
  const one = (
    name: BuildDriver['name'],
    store: BuildDriver['store'],
    dockerHost: string,
    inputs: BuildDriver['inputs'],
    needs: readonly Need[],
  ) => ({ name, store, dockerHost, inputs, environment: { DOCKER_HOST: dockerHost }, needs })
  return [
    one('docker, containerd store', 'containerd', containerd, { driver: 'docker' }, ['containerd-engine', 'bases']),
    one('docker, classic store', 'classic', classic, { driver: 'docker' }, ['classic-engine', 'bases']),
    one('docker-container', 'classic', classic, containerInputs([facts.registry ?? '']), [
      'classic-engine',
      'bases',
      'buildkit',
    ]),
  ]
}

/** The same tests for each driver. A driver that this machine lacks is skipped, with the missing piece in its name. */
export function describeDrivers(title: string, tests: (driver: BuildDriver) => void): void {
  const facts = readFacts()
  for (const { needs, ...driver } of drivers(facts)) {
    describeWith(needs, `${title} (${driver.name})`, () => tests(driver))
  }
}
