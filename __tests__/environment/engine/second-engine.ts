import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../machine/command.ts'
import { asRoot, type Machine, mustAsRoot } from '../machine/machine.ts'
import { startWatched, type Watchdog } from '../machine/watchdog.ts'

const script = new URL('second-engine.sh', import.meta.url).pathname

export interface SecondEngine {
  readonly dockerHost: string
  /** Stops the daemon as `systemctl stop` does; resolves when it has exited. `start` starts it again with the same data. */
  stop(): Promise<void>
  start(): Promise<void>
  release(): Promise<void>
}

/** Starts a second, empty engine with the given image store. `megabytes`: keeps its data in memory, limited to this size. */
export async function startSecondEngine(
  machine: Machine,
  store: 'containerd' | 'classic',
  megabytes?: number,
): Promise<SecondEngine> {
  if (machine.rights === 'none') throw new Error('this user may not start a second engine')
  // Not in the temporary folder: it may be in memory, and overlay on overlay does not work.
  const folder = await mkdtemp('/var/tmp/aicleaner-test-engine-')
  const room = megabytes === undefined ? [] : [String(megabytes)]
  const command = asRoot(machine, 'sh', [script, folder, store, String(machine.group), ...room])
  const watchdog = startWatched(command[0], command.slice(1))
  const dockerHost = `unix://${join(folder, 'docker.sock')}`
  if (await answers(dockerHost, watchdog))
    return { dockerHost, release: watchdog.release, ...switchOf(machine, folder, watchdog) }
  await watchdog.release()
  throw new Error(`the second dockerd did not start: ${watchdog.lastOutput()}`)
}

function switchOf(machine: Machine, folder: string, watchdog: Watchdog): Pick<SecondEngine, 'stop' | 'start'> {
  const hold = join(folder, 'hold')
  return {
    async stop() {
      await writeFile(hold, '')
      const pid = await daemonOf(folder)
      await mustAsRoot(machine, 'kill', ['-TERM', pid])
      for (const end = Date.now() + 60_000; existsSync(`/proc/${pid}`); await sleep(100)) {
        if (Date.now() > end) throw new Error('the second dockerd does not stop')
      }
    },
    async start() {
      // A dockerd with its own address pool that restores its default network removes docker0, which belongs to the main engine.
      // It does not do so with live-restore. Source: moby daemon_unix.go, configureNetworking.
      await configure(folder, { 'live-restore': true })
      await writeFile(`${hold}.over`, '')
      if (!(await answers(`unix://${join(folder, 'docker.sock')}`, watchdog)))
        throw new Error(`the second dockerd did not restart: ${watchdog.lastOutput()}`)
      await configure(folder, { 'live-restore': false })
      await mustAsRoot(machine, 'kill', ['-HUP', await daemonOf(folder)])
    },
  }
}

const daemonOf = async (folder: string): Promise<string> => (await readFile(join(folder, 'docker.pid'), 'utf8')).trim()

/** Replaces the file instead of writing to it: the file belongs to root, the folder to this user. */
async function configure(folder: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
  const file = join(folder, 'daemon.json')
  const known = JSON.parse(await readFile(file, 'utf8')) as object
  await writeFile(`${file}.new`, JSON.stringify({ ...known, ...changes }))
  await rename(`${file}.new`, file)
}

async function answers(dockerHost: string, watchdog: Watchdog): Promise<boolean> {
  for (const end = Date.now() + 90_000; Date.now() < end && watchdog.exitCode() === undefined; await sleep(200)) {
    if ((await run('docker', ['version'], { environment: { DOCKER_HOST: dockerHost }, timeoutMs: 5_000 })).code === 0) {
      return true
    }
  }
  return false
}
