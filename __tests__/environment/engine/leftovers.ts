import { must, run } from '../machine/command.ts'

const label = 'aicleaner-build.run'
/** Longer than any test has a container, or a network without one. */
const deadAfterMs = 30 * 60_000

interface Thing {
  readonly id: string
  readonly created: string
}

/**
 * Takes away the containers and networks of test runs that were killed long ago and had no post step: they would hold the Supervisor's address for ever.
 * What is younger may be of a run that goes on beside this one. Gives the names of what was removed.
 */
export async function removeDeadRuns(now = Date.now(), whose = label): Promise<readonly string[]> {
  const list = async (...command: readonly string[]): Promise<readonly Thing[]> => {
    const filter = ['--filter', `label=${whose}`, '--format', '{{.ID}}\t{{.CreatedAt}}']
    return (await must('docker', [...command, ...filter]))
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [id = '', created = ''] = line.split('\t')
        return { id, created }
      })
  }
  const isDead = ({ created }: Thing): boolean => now - timeOf(created) > deadAfterMs
  const containers = (await list('ps', '--all', '--no-trunc')).filter(isDead).map(({ id }) => id)
  if (containers.length > 0) await run('docker', ['rm', '--force', '--volumes', ...containers])
  const networks = (await list('network', 'ls', '--no-trunc')).filter(isDead).map(({ id }) => id)
  // One that a younger container is in stays: docker refuses to remove it.
  for (const network of networks) await run('docker', ['network', 'rm', network])
  return [...containers, ...networks]
}

/** `2026-11-24 21:57:41.98 +0000 UTC`, as docker writes it; the name of the zone is no part of a date. */
const timeOf = (text: string): number => Date.parse(text.replace(/ [A-Z]+$/, ''))
