import { readdir, readFile } from 'node:fs/promises'
import { must } from '../machine/command.ts'
import { type Machine, mustAsRoot } from '../machine/machine.ts'

/**
 * Takes away the bridges of engines that are no more, so that no subnet stays taken for ever; gives their names. Does nothing where a second
 * daemon runs, which they may be of, and leaves alone what something is plugged into.
 */
export async function removeDeadBridges(machine: Machine): Promise<readonly string[]> {
  const links = (await must('ip', ['-o', 'link', 'show'])).split('\n')
  const found = links.flatMap((line) => /^\d+: (br-[0-9a-f]{12}):/.exec(line)?.[1] ?? [])
  if (found.length === 0 || (await daemons()) > 1) return []
  const known = (await must('docker', ['network', 'ls', '--quiet', '--no-trunc'])).split('\n')
  const dead = found.filter(
    (name) =>
      !known.some((id) => name === `br-${id.slice(0, 12)}`) && !links.some((line) => line.includes(` master ${name} `)),
  )
  for (const name of dead) await mustAsRoot(machine, 'ip', ['link', 'delete', name])
  return dead
}

async function daemons(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')))
  return names.filter((name) => name.trim() === 'dockerd').length
}
