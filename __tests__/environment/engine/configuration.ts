import { existsSync, readFileSync } from 'node:fs'
import { type Machine, mustAsRoot } from '../machine/machine.ts'

const file = '/etc/docker/daemon.json'

/**
 * Limits of the build cache and the build history, which grow with each test run. containerd walks all content and snapshots whenever something is
 * removed: with the data of twenty runs (46 GB) this took a quarter of the time of a run; with that of five runs, a tenth. Data of the last hour is
 * kept, so that the next run need not install the packages of emulated builds again. A build is removed from the history if there are 50 later builds
 * and it is older than `maxAge`; the default of `maxAge` is two days.
 */
const unused = { keepStorage: '0', all: true, filter: ['unused-for=60m'] }
const all = { keepStorage: '4GB', all: true }
const history = { maxAge: '5m', maxEntries: 50 }
const features = { 'containerd-snapshotter': true }
const configuration = textOf({ features, builder: { gc: { enabled: true, policy: [unused, all] }, history } })
/** Configurations that earlier versions of the test environment wrote. */
const earlier = [textOf({ features }), textOf({ features, builder: { gc: { enabled: true, policy: [all] } } })]

function textOf(configuration: object): string {
  return `${JSON.stringify(configuration)}\n`
}

/**
 * The engine configuration to write; undefined if nothing has to be written. Pure. `found`: the existing configuration.
 * `installing`: the engine is installed for the tests. A configuration that the tests did not write is kept.
 */
export function decideConfiguration(found: string | undefined, installing: boolean): string | undefined {
  if (found === undefined) return installing ? configuration : undefined
  return earlier.includes(found) ? configuration : undefined
}

/** Writes the configuration of an engine that was installed for the tests. Call it before the engine is started. */
export async function configureEngine(machine: Machine, { installing = false } = {}): Promise<void> {
  const input = decideConfiguration(existsSync(file) ? readFileSync(file, 'utf8') : undefined, installing)
  if (input === undefined) return
  await mustAsRoot(machine, 'mkdir', ['-p', '/etc/docker'])
  await mustAsRoot(machine, 'tee', [file], { input })
}
