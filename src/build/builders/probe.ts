import { readFile } from 'node:fs/promises'
import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { messageOf } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import type { EndpointTls } from '../../inputs/options.ts'
import type { Builder, Opening } from './builder.ts'
import { inspect } from './create.ts'
import { BuilderFailure, type Explanation, explainSsh, explanation, retryBuilder } from './failure.ts'
import type { Node } from './nodes.ts'

/** The first BuildKit that writes several outputs in one build. */
const oldestBuildkit = [0, 13] as const

/**
 * Checks that every node answers and is recent enough, and waits for one that is starting. buildx itself reports only "inactive".
 * Rejects with a Failure that names the node, the cause and the remedy. @param tls absolute paths.
 */
export async function checkNodes(
  builder: Builder,
  tls: EndpointTls,
  opening: Pick<Opening, 'engine' | 'host'>,
): Promise<Builder> {
  const { host } = opening
  let current = builder
  await retryBuilder(host, { attempts: 4, delayMs: 1_000 }, async (attempt) => {
    const again = attempt > 1 ? await inspect(builder.name, false, opening) : builder
    if (!('problem' in again)) current = { ...builder, nodes: again.nodes }
    const stopped = current.nodes.find(({ running }) => !running)
    if (stopped) throw new BuilderFailure((await probe(stopped, tls, host)) ?? inactive(stopped))
  })
  for (const node of current.nodes) {
    const old = tooOld(node)
    if (old) throw new BuilderFailure(old)
  }
  return current
}

const inactive = ({ name, endpoint, problem }: Node): Explanation =>
  explanation(
    'environment/builder-unreachable',
    `Node ${name} of the builder (${endpoint}) is not running${problem ? `: ${problem}` : ''}.`,
    'Start it (docker buildx inspect --bootstrap), or remove it from the builder (docker buildx create --leave).',
    true,
  )

/** An engine's own BuildKit may have no version, or `v0.0.0`. Pure. */
export function tooOld({ name, endpoint, buildkit }: Node): Explanation | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(buildkit ?? '') ?? []
  if (major === undefined || (major === '0' && minor === '0')) return undefined
  if (Number(major) > oldestBuildkit[0] || Number(minor) >= oldestBuildkit[1]) return undefined
  return explanation(
    'environment/old-buildkit',
    `Node ${name} of the builder (${endpoint}) runs BuildKit ${buildkit}. ${oldestBuildkit.join('.')} is the first that can write several outputs in one build.`,
    'Update BuildKit on that node.',
  )
}

/** Why a node does not answer; undefined if no cause is found. */
async function probe({ endpoint }: Node, tls: EndpointTls, host: Host): Promise<Explanation | undefined> {
  if (endpoint.startsWith('tcp://')) return probeTcp(endpoint, tls)
  if (endpoint.startsWith('ssh://')) return probeSsh(endpoint, host)
  return undefined
}

const probeTimeoutMs = 10_000

type Files = Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>

/** Starts HTTP/2, as gRPC does: a daemon that requires a certificate refuses only after the handshake. */
async function probeTcp(endpoint: string, tls: EndpointTls): Promise<Explanation | undefined> {
  const secure = Object.keys(tls).length > 0
  let files: Files
  try {
    const read = (file: string | undefined) => file && readFile(file)
    files = { ca: await read(tls.cacert), cert: await read(tls.cert), key: await read(tls.key) }
  } catch (thrown) {
    return wrongTls(
      endpoint,
      messageOf(thrown),
      'Correct the path in "endpoint-cacert", "endpoint-cert" or "endpoint-key".',
    )
  }
  const { hostname, port } = new URL(endpoint)
  const thrown = await greet(hostname.replace(/^\[|\]$/g, ''), Number(port), secure, files)
  return thrown === undefined ? undefined : explainConnection(thrown, endpoint, secure)
}

const http2 = { preface: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', settings: Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]) }

/** @returns the error, or undefined when the daemon answered. */
function greet(host: string, port: number, secure: boolean, files: Files): Promise<unknown> {
  return new Promise((resolve) => {
    const options = { host, port, timeout: probeTimeoutMs }
    let socket: Socket | undefined
    const finish = (result: unknown) => {
      socket?.destroy()
      resolve(result)
    }
    const failed = (code: string, message: string) => () => finish(Object.assign(new Error(message), { code }))
    try {
      socket = secure
        ? connectTls({ ...options, ...files, ALPNProtocols: ['h2'], ...(isIP(host) === 0 && { servername: host }) })
        : connect(options)
    } catch (thrown) {
      return finish(thrown)
    }
    socket.on('error', finish)
    socket.on('data', () => finish(undefined))
    socket.on('timeout', failed('ETIMEDOUT', 'no response in time'))
    socket.on('close', failed('ECONNRESET', 'the connection was closed'))
    socket.write(http2.preface)
    socket.write(http2.settings)
  })
}

/** Pure. @param secure certificates were given. */
export function explainConnection(thrown: unknown, endpoint: string, secure: boolean): Explanation {
  const code = String((thrown as { code?: unknown } | null)?.code ?? '')
  // OpenSSL's message is between its file names.
  const reason = /SSL routines:[^:]*:([^:]+):/.exec(messageOf(thrown))?.[1] ?? messageOf(thrown)
  const unreachable = (why: string, isTransient: boolean): Explanation =>
    explanation(
      'environment/builder-unreachable',
      `The builder at ${endpoint} does not answer: ${why}.`,
      'Check "endpoint", that buildkitd listens there, and that this machine can reach it.',
      isTransient,
    )
  if (code === 'ECONNREFUSED') return unreachable('the connection is refused', true)
  if (code === 'ENOTFOUND') return unreachable('DNS does not know this host', false)
  if (['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'].includes(code)) return unreachable(reason, true)
  if (!secure) {
    return wrongTls(
      endpoint,
      'it accepts the connection and closes it at once, as a daemon that requires TLS does',
      'Set "endpoint-cacert", "endpoint-cert" and "endpoint-key".',
    )
  }
  if (/wrong version number|packet length|unexpected message/.test(reason)) {
    return wrongTls(
      endpoint,
      'it does not speak TLS',
      'Remove "endpoint-cacert", "endpoint-cert" and "endpoint-key", or start buildkitd with --tlscert.',
    )
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return wrongTls(endpoint, reason, 'Use a name that its certificate has, or set "driver-opts: servername=NAME".')
  }
  if (
    /ALERT|ECONNRESET|EPIPE|ERR_HTTP2|KEY_VALUES_MISMATCH/.test(code) ||
    /key values mismatch|PEM|alert/i.test(reason)
  ) {
    return wrongTls(
      endpoint,
      `it refuses the certificate of this job (${reason})`,
      'Set "endpoint-cert" and "endpoint-key" to a client certificate that its authority has signed. Secrets are empty in pull requests from forks.',
    )
  }
  return wrongTls(
    endpoint,
    `its certificate is not trusted (${reason})`,
    'Set "endpoint-cacert" to the certificate of the authority that signed it.',
  )
}

const wrongTls = (endpoint: string, reason: string, remedy: string): Explanation =>
  explanation('environment/builder-tls', `The TLS connection to the builder at ${endpoint} failed: ${reason}.`, remedy)

/** The same command as in BuildKit's client, with a shorter timeout. Source: buildkit `client/connhelper/ssh`. */
export function sshArguments(endpoint: string): readonly string[] {
  const { username, hostname, port } = new URL(endpoint)
  return [
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-T'],
    ...(username ? ['-l', decodeURIComponent(username)] : []),
    ...(port ? ['-p', port] : []),
    ...['--', hostname.replace(/^\[|\]$/g, ''), 'buildctl', 'dial-stdio'],
  ]
}

async function probeSsh(endpoint: string, { processes }: Host): Promise<Explanation | undefined> {
  const answer = await processes.exec('ssh', sshArguments(endpoint), { input: '', timeoutMs: 30_000 })
  return answer.exitCode === 0 ? undefined : explainSsh(new URL(endpoint).hostname, answer.stderr, 'buildctl')
}
