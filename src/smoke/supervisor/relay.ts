import { realpathSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { messageOf } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { parseJsonText } from '../../core/json-fields.ts'
import { type ContainerSpec, createContainer, docker, errorOf, removeContainers } from '../../docker/containers.ts'
import { labelsOf, runLabel } from '../../docker/labels.ts'
import { interpreterOf } from '../../image/elf.ts'
import { tar } from '../container/tar.ts'
import type { ProbeResult, Prober } from '../readiness/probe.ts'
import { relayProgram } from './relay-program.ts'
import { relayedSockets, type SocketMessage } from './relayed-sockets.ts'
import type { IncomingRequest, SupervisorMock } from './supervisor-mock.ts'
import { createUpgrades } from './upgrade.ts'

interface Relay {
  readonly container: string
  readonly prober: Prober
  close(): Promise<void>
}

const libraries = '/lib-of-node'
const startTimeoutMs = 15_000

/**
 * The Supervisor mock for a process that cannot bind to port 80 in the network, or that shares no network with the daemon: a container from an
 * empty image runs this machine's Node, mounted read-only (or copied, if the daemon cannot see our files). It only forwards requests over its
 * standard streams to this process, which responds to them.
 * Rejects with an Error that has the reason if it cannot be started.
 */
export async function openRelay(mock: SupervisorMock, network: string, address: string, host: Host): Promise<Relay> {
  const { processes, runId } = host
  const name = `aicleaner-${runId}-supervisor`
  const image = `aicleaner-build/empty:${runId}`
  const empty = await docker(processes, ['import', '--change', `LABEL ${runLabel}=${runId}`, '-', image], {
    input: tar([]),
  })
  if (empty.exitCode !== 0) throw new Error(errorOf(empty))
  const input = new PassThrough()
  const stopped = new AbortController()
  const upgrades = createUpgrades(mock)
  let running: Promise<unknown> = Promise.resolve()
  const close = async (): Promise<void> => {
    upgrades.close()
    input.end()
    stopped.abort()
    await Promise.all([removeContainers(processes, [name]), running])
    await docker(processes, ['image', 'rm', '--force', image])
  }
  try {
    await createRelayContainer({ name, image, network, address }, host)
    const ready = Promise.withResolvers<void>()
    const probes = new Map<number, (seen: ProbeResult) => void>()
    const write = (message: object): void => void (input.writable && input.write(`${JSON.stringify(message)}\n`))
    const onSocket = relayedSockets(upgrades, write)
    let [count, problem] = [0, '']
    running = processes
      .spawn('docker', ['start', '--attach', '--interactive', name], {
        input,
        signal: stopped.signal,
        graceMs: 500,
        onLine(line, stream) {
          if (stream === 'stderr') problem ||= line
          else handleLine(line)
        },
      })
      .finally(() => {
        ready.reject(new Error(`Node could not run in a container: ${problem || 'it ended'}`))
        for (const done of probes.values()) done({ failed: 'the relay has ended' })
      })
    // `close` waits for its end; a failure rejects `ready`.
    running.catch(() => {})

    function handleLine(line: string): void {
      const message = parseJsonText(line) as Message | undefined
      if (message?.ready) ready.resolve()
      else if (message?.probe !== undefined) {
        probes.get(message.probe)?.(message.result ?? { failed: 'no result' })
        probes.delete(message.probe)
      } else if (message?.socket !== undefined) onSocket(message as SocketMessage)
      else if (message?.id !== undefined) {
        const response = mock.handle({
          ...message,
          body: Buffer.from(message.body ?? '', 'latin1').toString('utf8'),
        } as IncomingRequest)
        const { status, contentType, text } = response
        write({ id: message.id, status, contentType, text })
      }
    }
    const send: Prober = (probe) =>
      new Promise((resolve) => {
        count += 1
        probes.set(count, resolve)
        write({ probe: count, ...probe })
      })

    const timer = setTimeout(
      () => ready.reject(new Error(`Node did not start in a container within ${startTimeoutMs / 1000} s`)),
      startTimeoutMs,
    )
    await ready.promise.finally(() => clearTimeout(timer))
    return {
      container: name,
      prober: send,
      close,
    }
  } catch (thrown) {
    await close()
    throw new Error(messageOf(thrown), { cause: thrown })
  }
}

interface Message {
  readonly ready?: true
  readonly probe?: number
  readonly result?: ProbeResult
  readonly id?: number
  readonly socket?: number
  readonly body?: string
}

/** Node and the libraries that it loads: the path of each file on this machine and in the container. */
async function nodeFiles(
  executable: string,
  shared: readonly string[],
): Promise<readonly { readonly from: string; readonly to: string }[]> {
  const interpreter = await interpreterOf(executable)
  const loaded = shared.filter((path) => path.startsWith('/') && /\.so(\.|$)/.test(path) && path !== interpreter)
  return [
    { from: executable, to: '/node' },
    ...(interpreter ? [{ from: interpreter, to: interpreter }] : []),
    ...[...new Set(loaded)].map((path) => ({ from: path, to: `${libraries}/${path.split('/').at(-1)}` })),
  ].map(({ from, to }) => ({ from: realpathSync(from), to }))
}

/** Source: Node's diagnostic report, `sharedObjects`: as the loader found them. */
function sharedObjects(): readonly string[] {
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report
  const before = report.excludeNetwork
  // Resolving the names of this machine's addresses can take seconds, and they are not needed.
  report.excludeNetwork = true
  try {
    return (report.getReport() as { sharedObjects?: readonly string[] }).sharedObjects ?? []
  } finally {
    report.excludeNetwork = before ?? false
  }
}

async function createRelayContainer(
  container: Pick<ContainerSpec, 'name' | 'image' | 'network' | 'address'>,
  host: Host,
): Promise<void> {
  const files = await nodeFiles(process.execPath, sharedObjects())
  const spec = {
    ...container,
    labels: labelsOf(host.runId),
    interactive: true,
    environment: new Map([['LD_LIBRARY_PATH', libraries]]),
    capDrop: ['ALL'],
    securityOptions: ['no-new-privileges'],
    ulimits: new Map([['nofile', '4096']]),
    entrypoint: '/node',
    command: ['--eval', relayProgram()],
  }
  const binds = files.map(({ from, to }) => ({ source: from, target: to }))
  const mounted = await createContainer({ ...spec, binds }, host)
  if ('id' in mounted) return
  const copied = await createContainer(spec, host)
  if ('error' in copied) throw new Error(copied.error)
  const folders = [...new Set(files.map(({ to }) => to.slice(0, to.lastIndexOf('/'))))].filter(Boolean)
  await docker(host.processes, ['cp', '-', `${container.name}:/`], {
    input: tar(folders.map((path) => ({ path: `${path.slice(1)}/.keep`, content: '', mode: 0o644 }))),
  })
  for (const { from, to } of files) {
    const copy = await docker(host.processes, ['cp', from, `${container.name}:${to}`])
    if (copy.exitCode !== 0) throw new Error(errorOf(copy))
  }
}
