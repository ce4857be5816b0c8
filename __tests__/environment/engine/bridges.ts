import { readdir, readFile } from 'node:fs/promises'
import { must } from '../machine/command.ts'
import { type Machine, mustAsRoot } from '../machine/machine.ts'

const readLinks = async (): Promise<readonly string[]> => (await must('ip', ['-o', 'link', 'show'])).split('\n')
const nameOf = (link: string): string | undefined => /^\d+: ([^:@]+)/.exec(link)?.[1]

/**
 * Takes away the bridges of engines that are no more, so that no subnet stays taken for ever; gives their names. Does nothing where a second
 * daemon runs, which they may be of, and leaves alone what something is plugged into.
 */
export async function removeDeadBridges(machine: Machine): Promise<readonly string[]> {
  const links = await readLinks()
  const found = links.map(nameOf).filter((name) => name !== undefined && /^br-[0-9a-f]{12}$/.test(name)) as string[]
  if (found.length === 0 || (await daemons()) > 1) return []
  const known = (await must('docker', ['network', 'ls', '--quiet', '--no-trunc'])).split('\n')
  const dead = found.filter(
    (name) =>
      !known.some((id) => name === `br-${id.slice(0, 12)}`) && !links.some((line) => line.includes(` master ${name} `)),
  )
  for (const name of dead) await mustAsRoot(machine, 'ip', ['link', 'delete', name])
  return dead
}

/**
 * Takes away the rules of networks whose bridge is no more. One of these for the same subnet as a network of today hides the addresses of its
 * containers from each other: an add-on that answers the Supervisor's address alone then refuses the test.
 */
export async function removeDeadRules(machine: Machine): Promise<void> {
  const rules = (await mustAsRoot(machine, 'iptables', ['-w', '-t', 'nat', '-S', 'POSTROUTING'])).split('\n')
  const bridges = new Set((await readLinks()).map(nameOf))
  for (const rule of rules) {
    const bridge = /^-A POSTROUTING -s \S+ ! -o (br-[0-9a-f]{12}) -j MASQUERADE$/.exec(rule)?.[1]
    if (bridge === undefined || bridges.has(bridge)) continue
    await mustAsRoot(machine, 'iptables', ['-w', '-t', 'nat', '-D', ...rule.split(' ').slice(1)])
  }
}

async function daemons(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')))
  return names.filter((name) => name.trim() === 'dockerd').length
}
