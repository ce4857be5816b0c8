import { existsSync, readFileSync } from 'node:fs'
import { type Machine, mustAsRoot } from '../machine/machine.ts'

const file = '/etc/docker/daemon.json'

/**
 * More than one run of the tests writes into the build cache. Without a limit it grows with each run, and containerd goes through all of it
 * whenever something is removed: with that of twenty runs, 46 GB, this took a quarter of the time of a run.
 */
const keepStorage = '4GB'
const features = { 'containerd-snapshotter': true }
const configuration = textOf({ features, builder: { gc: { enabled: true, policy: [{ keepStorage, all: true }] } } })
/** What the testbed wrote before. */
const earlier = textOf({ features })

function textOf(configuration: object): string {
  return `${JSON.stringify(configuration)}\n`
}

/**
 * What to write as the configuration of the engine; undefined when nothing is to be written. Pure. `found`: what is there.
 * `installing`: the engine is installed for the tests, so that it is theirs. What somebody else wrote stays.
 */
export function decideConfiguration(found: string | undefined, installing: boolean): string | undefined {
  if (found === undefined) return installing ? configuration : undefined
  return found === earlier ? configuration : undefined
}

/** Writes the configuration of an engine that belongs to the tests, before it is started. */
export async function configureEngine(machine: Machine, { installing = false } = {}): Promise<void> {
  const input = decideConfiguration(existsSync(file) ? readFileSync(file, 'utf8') : undefined, installing)
  if (input === undefined) return
  await mustAsRoot(machine, 'mkdir', ['-p', '/etc/docker'])
  await mustAsRoot(machine, 'tee', [file], { input })
}
