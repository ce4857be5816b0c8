import { existsSync, readFileSync } from 'node:fs'
import { isThere, run } from '../machine/command.ts'
import type { Machine } from '../machine/machine.ts'
import type { EngineState } from './state.ts'

export const daemonPidFile = '/var/run/docker.pid'
export const containerdPidFile = '/var/run/docker/containerd/containerd.pid'

/** Reads the state of the engine from `docker` and the pid files. */
export async function observeEngine(machine: Machine): Promise<EngineState> {
  const answer = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 10_000 })
  return {
    answer: answer.code === 0 ? 'yes' : /permission denied/i.test(answer.stderr) ? 'denied' : 'no',
    installed: await isThere('dockerd'),
    daemon: processOf(daemonPidFile, 'dockerd').state,
    containerd: processOf(containerdPidFile, 'containerd').state,
    systemd: machine.systemd && existsSync('/lib/systemd/system/docker.service'),
    rights: machine.rights,
  }
}

/**
 * The process of a pid file. Process IDs are reused: if the ID now belongs to another program, the process counts as gone.
 */
export function processOf(
  pidFile: string,
  program: string,
): { readonly state: 'none' | 'alive' | 'gone'; readonly pid?: number } {
  const pid = Number(readText(pidFile))
  if (!existsSync(pidFile)) return { state: 'none' }
  // Not the command line: `comm` is readable for processes of root as well.
  const alive = Number.isInteger(pid) && pid > 0 && readText(`/proc/${pid}/comm`) === program
  return alive ? { state: 'alive', pid } : { state: 'gone' }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
