import { realpathSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { messageOf } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { createContainer, docker, removeContainers, saidBy } from '../../docker/containers.ts'
import { labelsOf, runLabel } from '../../docker/labels.ts'
import { interpreterOf } from '../../image/elf.ts'
import { tar } from '../container/tar.ts'
import type { Prober, Seen } from '../readiness/probe.ts'
import type { Desk, Incoming } from './mock-api.ts'
import { relayProgram } from './relay-program.ts'

export interface Relay {
  readonly container: string
  readonly prober: Prober
  close(): Promise<void>
}

const libraries = '/lib-of-node'
const startMs = 15_000

/**
 * The stand-in where this process may not bind port 80 of the network, or does not share a network with the daemon: a container from an
 * empty image that runs this machine's own Node, mounted read-only (copied, where the daemon does not see our files). It only passes
 * requests on, over its standard streams; the answers are given here.
 * Rejects with an Error that says why it could not be.
 */
export async function openRelay(desk: Desk, network: string, address: string, host: Host): Promise<Relay> {
  const { processes, runId } = host
  const name = `aicleaner-${runId}-supervisor`
  const image = `aicleaner-build/empty:${runId}`
  const empty = await docker(processes, ['import', '--change', `LABEL ${runLabel}=${runId}`, '-', image], {
    input: tar([]),
  })
  if (empty.exitCode !== 0) throw new Error(saidBy(empty))
  const input = new PassThrough()
  const stopped = new AbortController()
  let running: Promise<unknown> = Promise.resolve()
  const close = async (): Promise<void> => {
    input.end()
    stopped.abort()
    await Promise.all([removeContainers(processes, [name]), running])
    await docker(processes, ['image', 'rm', '--force', image])
  }
  try {
    await create(name, image, network, address, host)
    const ready = Promise.withResolvers<void>()
    const probes = new Map<number, (seen: Seen) => void>()
    let [count, problem] = [0, '']
    running = processes
      .spawn('docker', ['start', '--attach', '--interactive', name], {
        input,
        signal: stopped.signal,
        graceMs: 500,
        onLine(line, stream) {
          if (stream === 'stderr') problem ||= line
          else take(line)
        },
      })
      .finally(() => {
        ready.reject(new Error(`Node did not run in a container: ${problem || 'it ended'}`))
        for (const done of probes.values()) done({ failed: 'the relay has ended' })
      })
    // Its end is looked at in `close`; its failure is the rejection of `ready`.
    running.catch(() => {})

    function take(line: string): void {
      const message = parse(line)
      if (message?.ready) ready.resolve()
      else if (message?.probe !== undefined) {
        probes.get(message.probe)?.(message.seen ?? { failed: 'nothing seen' })
        probes.delete(message.probe)
      } else if (message?.id !== undefined) {
        const reply = desk.receive({
          ...message,
          body: Buffer.from(message.body ?? '', 'latin1').toString('utf8'),
        } as Incoming)
        input.write(`${JSON.stringify({ id: message.id, status: reply.status, text: JSON.stringify(reply.body) })}\n`)
      }
    }
    const ask = (probe: object): Promise<Seen> =>
      new Promise((resolve) => {
        count += 1
        probes.set(count, resolve)
        input.write(`${JSON.stringify({ probe: count, ...probe })}\n`)
      })

    const late = setTimeout(
      () => ready.reject(new Error(`Node did not start in a container within ${startMs / 1000} s`)),
      startMs,
    )
    await ready.promise.finally(() => clearTimeout(late))
    return {
      container: name,
      prober: {
        http: (to, kind, port, path, timeoutMs, headers) => ask({ address: to, kind, port, path, timeoutMs, headers }),
        tcp: (to, port, timeoutMs) => ask({ address: to, kind: 'tcp', port, path: '', timeoutMs }),
      },
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
  readonly seen?: Seen
  readonly id?: number
  readonly body?: string
}

function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}

/** Node and what it loads: where each file is here, and where it has to be there. */
export async function nodeFiles(
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
  // Looking up the names of this machine's addresses can take seconds, and nobody reads them.
  report.excludeNetwork = true
  try {
    return (report.getReport() as { sharedObjects?: readonly string[] }).sharedObjects ?? []
  } finally {
    report.excludeNetwork = before ?? false
  }
}

async function create(name: string, image: string, network: string, address: string, host: Host): Promise<void> {
  const files = await nodeFiles(process.execPath, sharedObjects())
  const spec = {
    name,
    image,
    labels: labelsOf(host.runId),
    interactive: true,
    network,
    address,
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
  await docker(host.processes, ['cp', '-', `${name}:/`], {
    input: tar(folders.map((path) => ({ path: `${path.slice(1)}/.keep`, content: '', mode: 0o644 }))),
  })
  for (const { from, to } of files) {
    const answer = await docker(host.processes, ['cp', from, `${name}:${to}`])
    if (answer.exitCode !== 0) throw new Error(saidBy(answer))
  }
}
