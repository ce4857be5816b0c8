import { must, run } from '../machine/command.ts'

const label = 'aicleaner-build.run'
/** Longer than any test uses a container or a network. */
const deadAfterMs = 30 * 60_000

interface Resource {
  readonly id: string
  readonly created: string
}

/**
 * Removes containers and networks of test runs that were killed before their post step: they would occupy the Supervisor's address permanently. Resources
 * younger than 30 minutes are kept, because they may belong to a concurrent run. Returns the IDs of the removed resources.
 */
export async function removeDeadRuns(now = Date.now(), runLabel = label): Promise<readonly string[]> {
  const list = async (...command: readonly string[]): Promise<readonly Resource[]> => {
    const filter = ['--filter', `label=${runLabel}`, '--format', '{{.ID}}\t{{.CreatedAt}}']
    return (await must('docker', [...command, ...filter]))
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [id = '', created = ''] = line.split('\t')
        return { id, created }
      })
  }
  const isDead = ({ created }: Resource): boolean => now - timeOf(created) > deadAfterMs
  const containers = (await list('ps', '--all', '--no-trunc')).filter(isDead).map(({ id }) => id)
  if (containers.length > 0) await run('docker', ['rm', '--force', '--volumes', ...containers])
  const networks = (await list('network', 'ls', '--no-trunc')).filter(isDead).map(({ id }) => id)
  // Docker refuses to remove a network that has a container; such a network is kept.
  for (const network of networks) await run('docker', ['network', 'rm', network])
  return [...containers, ...networks]
}

/** Parses docker's `2026-11-24 21:57:41.98 +0000 UTC`, without the name of the time zone. */
const timeOf = (text: string): number => Date.parse(text.replace(/ [A-Z]+$/, ''))
