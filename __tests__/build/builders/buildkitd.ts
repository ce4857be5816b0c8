import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { must, run } from '../../environment/machine/command.ts'

/** A real BuildKit daemon in a container, as somebody else would run it, on loopback. */
export interface Buildkitd {
  readonly name: string
  /** `tcp://localhost:PORT` */
  readonly address: string
  /** The platforms of all builds that it did, by its own records. */
  built(): Promise<readonly string[]>
  release(): Promise<void>
}

export interface BuildkitdOptions {
  /** The test environment's image of BuildKit. */
  readonly image: string
  /** Ask clients for certificates of this authority. */
  readonly certificates?: Certificates
}

export async function startBuildkitd({ image, certificates }: BuildkitdOptions): Promise<Buildkitd> {
  const name = `aicleaner-buildkitd-${randomBytes(4).toString('hex')}`
  const folder = certificates?.folder
  const tls =
    folder === undefined
      ? []
      : ['--tlscacert', '/tls/ca.pem', '--tlscert', '/tls/server.pem', '--tlskey', '/tls/server.key']
  await must('docker', [
    ...['run', '--detach', '--privileged', '--network', 'host', '--name', name],
    ...(folder === undefined ? [] : ['--volume', `${folder}:/tls:ro`]),
    ...[image, '--addr', 'tcp://127.0.0.1:0', '--addr', 'unix:///run/buildkit/buildkitd.sock', ...tls],
  ])
  const release = async () => {
    await run('docker', ['rm', '--force', '--volumes', name])
  }
  const port = await portOf(name).catch(async (thrown: unknown) => {
    await release()
    throw thrown
  })
  return {
    name,
    address: `tcp://localhost:${port}`,
    async built() {
      // The socket beside the port asks for no certificate.
      const args = ['exec', name, 'buildctl', 'debug', 'histories', '--format', '{{json .}}']
      const lines = (await must('docker', args)).split('\n').filter(Boolean)
      return lines.flatMap((line) => {
        const attributes = (JSON.parse(line) as { record?: { FrontendAttrs?: Record<string, string> } }).record
          ?.FrontendAttrs
        return attributes?.platform ?? []
      })
    },
    release,
  }
}

/** The port that it got, as it says itself once it listens. */
async function portOf(name: string): Promise<string> {
  for (;;) {
    const runs = (await must('docker', ['inspect', '--format', '{{.State.Running}}', name])).trim() === 'true'
    const { stdout, stderr } = await run('docker', ['logs', name])
    const [, port] = /running server on 127\.0\.0\.1:(\d+)/.exec(stdout + stderr) ?? []
    if (port !== undefined) return port
    if (!runs) throw new Error(`buildkitd: ${stderr.trim().split('\n').slice(-2).join(' | ')}`)
    await sleep(100)
  }
}

export interface Certificates {
  /** `ca.pem`, `server.pem`, `server.key`, `client.pem`, `client.key`, and `other.pem`, an authority that has signed none of them. */
  readonly folder: string
  release(): Promise<void>
}

/** An authority, and what it signed for a server on loopback and for a client. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-certificates-'))
  const at = (name: string) => join(folder, name)
  const openssl = (...args: readonly string[]) => must('openssl', args)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  for (const authority of ['ca', 'other']) {
    await openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      at(`${authority}.key`),
      '-out',
      at(`${authority}.pem`),
      '-subj',
      `/CN=${authority}`,
      '-days',
      '2',
    )
  }
  for (const name of ['server', 'client']) {
    await openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.pem`),
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
      '-CA',
      at('ca.pem'),
      '-CAkey',
      at('ca.key'),
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    )
  }
  return { folder, release: () => rm(folder, { recursive: true, force: true }) }
}
