import { readdir, readFile } from 'node:fs/promises'
import { must } from '../machine/command.ts'
import { type Machine, mustAsRoot } from '../machine/machine.ts'

const readLinks = async (): Promise<readonly string[]> => (await must('ip', ['-o', 'link', 'show'])).split('\n')
const nameOf = (link: string): string | undefined => /^\d+: ([^:@]+)/.exec(link)?.[1]

/**
 * Removes bridges of engines that no longer exist, so that their subnets become free; returns their names. Does nothing if a second daemon
 * runs, because the bridges may belong to it, and keeps bridges with attached interfaces.
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
 * Removes NAT rules of networks whose bridge no longer exists. If such a rule covers the subnet of a current network, it rewrites the source addresses
 * of its containers: an add-on that accepts only the Supervisor's address then refuses the test.
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
