import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineFacts } from '../facts.ts'
import { must, run } from '../machine/command.ts'
import { takeLock } from '../machine/lock.ts'
import { type Machine, mustAsRoot } from '../machine/machine.ts'
import { removeDeadBridges, removeDeadRules } from './bridges.ts'
import { configureEngine } from './configuration.ts'
import { removeDeadRuns } from './leftovers.ts'
import { containerdPidFile, daemonPidFile, observeEngine, processOf } from './observe.ts'
import { decideEngine, type Leftover } from './state.ts'

const log = '/var/log/aicleaner-test-dockerd.log'
const startScript = new URL('start-engine.sh', import.meta.url).pathname
const startTimeoutMs = 60_000
/** The lock that a run shares while it uses the engine. */
export const engineInUse = 'engine-in-use'

export interface PreparedEngine extends EngineFacts {
  readonly how: 'found' | 'started'
}

/** Prepares the engine that `docker` talks to, and starts it if necessary. It is left running afterwards. */
export async function prepareEngine(machine: Machine): Promise<PreparedEngine> {
  let step = decideEngine(await observeEngine(machine))
  if (step.do === 'wait') {
    // The process may also be shutting down: then stop waiting when it has exited.
    await waitForEngine(startTimeoutMs, () => processOf(daemonPidFile, 'dockerd').state !== 'alive')
    const unused = await takeLock(engineInUse, { now: true })
    // No other run can take it now: a run takes it during preparation, and preparation is exclusive.
    await unused?.release()
    step = decideEngine(await observeEngine(machine), true, unused === undefined)
  }
  if (step.do === 'fail') throw new Error(step.because)
  if (step.do === 'open') await mustAsRoot(machine, 'chgrp', [String(machine.group), '/var/run/docker.sock'])
  if (step.do === 'start') {
    await clean(machine, step.clean)
    await configureEngine(machine)
    if (step.by === 'systemd') await mustAsRoot(machine, 'systemctl', ['start', 'docker.service'])
    else await mustAsRoot(machine, 'sh', [startScript, log, String(machine.group)])
    if (!(await waitForEngine(startTimeoutMs, step.by === 'script' ? hasFailed : undefined))) {
      const again = decideEngine(await observeEngine(machine))
      if (again.do === 'open') await mustAsRoot(machine, 'chgrp', [String(machine.group), '/var/run/docker.sock'])
      else
        throw new Error(
          step.by === 'script'
            ? `dockerd does not start: ${lastLogLine()} (${log})`
            : 'dockerd does not start (journalctl -u docker)',
        )
    }
    await removeDeadBridges(machine)
    await removeDeadRules(machine)
  }
  await removeDeadRuns()
  return { ...(await describeEngine()), how: step.do === 'start' ? 'started' : 'found' }
}

/** Version, store and address of an engine that answers. */
export async function describeEngine(dockerHost = process.env.DOCKER_HOST): Promise<EngineFacts> {
  const environment = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost }
  const text = await must('docker', ['info', '--format', '{{json .}}'], { environment })
  const info = JSON.parse(text) as { ServerVersion?: string; DriverStatus?: readonly (readonly [string, string])[] }
  if (!info.ServerVersion) throw new Error('docker info reports no server version')
  const containerd = info.DriverStatus?.some(([, value]) => value.startsWith('io.containerd.snapshotter'))
  return {
    version: info.ServerVersion,
    store: containerd ? 'containerd' : 'classic',
    dockerHost: dockerHost ?? 'unix:///var/run/docker.sock',
  }
}

/** The last line of dockerd's log. If dockerd failed to start, this is the reason. */
function lastLogLine(): string {
  if (!existsSync(log)) return 'no log'
  return readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? ''
}

const hasFailed = (): boolean => lastLogLine().startsWith('failed to start daemon')

async function waitForEngine(ms: number, stopped = () => false): Promise<boolean> {
  const end = Date.now() + ms
  while (Date.now() < end && !stopped()) {
    if ((await run('docker', ['version'], { timeoutMs: 5_000 })).code === 0) return true
    await sleep(250)
  }
  return false
}

async function clean(machine: Machine, leftovers: readonly Leftover[]): Promise<void> {
  for (const leftover of leftovers) {
    if (leftover === 'daemon') await end(machine, daemonPidFile, 'dockerd')
    if (leftover === 'pid-file') await mustAsRoot(machine, 'rm', ['-f', daemonPidFile])
    if (leftover === 'containerd') {
      await end(machine, containerdPidFile, 'containerd')
      await mustAsRoot(machine, 'rm', ['-f', containerdPidFile])
    }
  }
}

/** Ends the process of a pid file if it is still that program: with SIGTERM first, then with SIGKILL. */
async function end(machine: Machine, pidFile: string, program: string): Promise<void> {
  for (const signal of ['-TERM', '-KILL']) {
    const { pid } = processOf(pidFile, program)
    if (pid === undefined) return
    await mustAsRoot(machine, 'kill', [signal, String(pid)]).catch(() => {})
    for (let wait = 0; wait < 50 && existsSync(`/proc/${pid}`); wait += 1) await sleep(100)
  }
}
