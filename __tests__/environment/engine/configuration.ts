import { existsSync, readFileSync } from 'node:fs'
import { type Machine, mustAsRoot } from '../machine/machine.ts'

const file = '/etc/docker/daemon.json'

/**
 * More than one run of the tests writes into the build cache and the history of builds, and containerd goes through all of their content and snapshots
 * whenever something is removed: with those of twenty runs, 46 GB, this took a quarter of the time of a run; with those of five, a tenth. What the
 * runs of the last hour have made is kept, so that the next one need not install the packages of emulated builds again. A build is forgotten when there
 * are 50 later ones and it is older than that; without `history` that is two days.
 */
const unused = { keepStorage: '0', all: true, filter: ['unused-for=60m'] }
const all = { keepStorage: '4GB', all: true }
const history = { maxAge: '5m', maxEntries: 50 }
const features = { 'containerd-snapshotter': true }
const configuration = textOf({ features, builder: { gc: { enabled: true, policy: [unused, all] }, history } })
/** What the test environment wrote before. */
const earlier = [textOf({ features }), textOf({ features, builder: { gc: { enabled: true, policy: [all] } } })]

function textOf(configuration: object): string {
  return `${JSON.stringify(configuration)}\n`
}

/**
 * What to write as the configuration of the engine; undefined when nothing is to be written. Pure. `found`: what is there.
 * `installing`: the engine is installed for the tests, so that it is theirs. What somebody else wrote stays.
 */
export function decideConfiguration(found: string | undefined, installing: boolean): string | undefined {
  if (found === undefined) return installing ? configuration : undefined
  return earlier.includes(found) ? configuration : undefined
}

/** Writes the configuration of an engine that belongs to the tests, before it is started. */
export async function configureEngine(machine: Machine, { installing = false } = {}): Promise<void> {
  const input = decideConfiguration(existsSync(file) ? readFileSync(file, 'utf8') : undefined, installing)
  if (input === undefined) return
  await mustAsRoot(machine, 'mkdir', ['-p', '/etc/docker'])
  await mustAsRoot(machine, 'tee', [file], { input })
}
