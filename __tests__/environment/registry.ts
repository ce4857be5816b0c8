import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TokenService } from '../fakes/token-service.ts'
import type { Facts } from './facts.ts'
import { isThere, run } from './machine/command.ts'
import { startWatched, type Watchdog, watchdogScript } from './machine/watchdog.ts'

export interface RunningRegistry {
  /** `localhost:5000` */
  readonly address: string
  /** The program or image that serves it. */
  readonly program: string
  release(): Promise<void>
}

export interface TestRegistryOptions {
  /** Default: any free port. */
  readonly port?: number
  /**
   * Default: no access control. `password`: every request needs `registryLogin`, a pull as well. A token service decides about each repository, and must be
   * started before the registry and closed after it.
   */
  readonly access?: 'password' | Pick<TokenService, 'realm' | 'service' | 'issuer' | 'certificate'>
}

/** The only login of a registry with the access `password`. */
export const registryLogin = { username: 'publisher', password: 'only-this-login' } as const

/** Of `registryLogin`. The only hash that registries accept is bcrypt, which Node lacks. */
const htpasswd = `${registryLogin.username}:$2b$04$aicleanerbuildtest123urQra6Qwn/YC7W1/qyduw8ej3LGdfRHS\n`

/** Used if `docker-registry` is not installed but the public registry is reachable. */
const registryImage = 'registry:2'

/** Settings of the registry's `auth`; none without access control. `folder`: has the files that `writeAccess` writes. Pure. */
export function accessSettings(
  access: TestRegistryOptions['access'],
  folder: string,
): Readonly<Record<string, Readonly<Record<string, string>>>> {
  if (access === undefined) return {}
  if (access === 'password') return { htpasswd: { realm: 'tests', path: join(folder, 'htpasswd') } }
  const { realm, service, issuer } = access
  return { token: { realm, service, issuer, rootcertbundle: join(folder, 'certificate.pem') } }
}

async function writeAccess(access: TestRegistryOptions['access'], folder: string): Promise<void> {
  if (access === 'password') await writeFile(join(folder, 'htpasswd'), htpasswd)
  else if (access !== undefined) await writeFile(join(folder, 'certificate.pem'), access.certificate)
}

/** The configuration of a registry program: loopback only, deletion allowed. `port`: 0 for any free port. Pure. */
export const registryConfiguration = (
  port: number,
  folder: string,
  settings: ReturnType<typeof accessSettings> = {},
): string =>
  [
    'version: 0.1',
    // The port is only logged from this level on.
    'log: {level: info, accesslog: {disabled: true}}',
    'storage:',
    `  filesystem: {rootdirectory: ${folder}}`,
    '  delete: {enabled: true}',
    `http: {addr: '127.0.0.1:${port}'}`,
    ...(Object.keys(settings).length > 0 ? [`auth: ${JSON.stringify(settings)}`] : []),
    '',
  ].join('\n')

/** Starts a registry on loopback: Debian's docker-registry (distribution 2), or the public image. */
export async function startRegistry(options: TestRegistryOptions = {}): Promise<RunningRegistry> {
  if (await isThere('docker-registry')) return serve('docker-registry', options)
  const { port = 0, access } = options
  const folder = await makeFolder(access)
  const args = containerArguments(port, randomBytes(4).toString('hex'), folder, accessSettings(access, folder))
  return running(registryImage, startWatched('sh', [watchdogScript, folder, 'docker', ...args]))
}

/** Starts distribution 3 on loopback. @throws if the test does not name the need `registry3`. */
export async function startRegistry3(
  facts: Pick<Facts, 'registry3'>,
  options: TestRegistryOptions = {},
): Promise<RunningRegistry> {
  if (facts.registry3 === undefined) throw new Error('Name the need "registry3" in `describeWith` or `testWith`.')
  return serve(facts.registry3, options)
}

async function makeFolder(access: TestRegistryOptions['access']): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-test-registry-'))
  await writeAccess(access, folder)
  return folder
}

async function serve(program: string, { port = 0, access }: TestRegistryOptions): Promise<RunningRegistry> {
  const folder = await makeFolder(access)
  const storage = join(folder, 'storage')
  await mkdir(storage)
  const file = join(folder, 'config.yml')
  await writeFile(file, registryConfiguration(port, storage, accessSettings(access, folder)))
  // Distribution 3 sends traces to a server on this machine by default.
  const command = ['env', 'OTEL_TRACES_EXPORTER=none', program, 'serve', file]
  return running(program, startWatched('sh', [watchdogScript, folder, ...command]))
}

async function running(program: string, watchdog: Watchdog): Promise<RunningRegistry> {
  // Taken from its log: a port that answers may belong to another registry.
  const [, listensOn] = (await watchdog.announced(/listening on 127\.0\.0\.1:(\d+)/)) ?? []
  if (listensOn !== undefined) return { address: `localhost:${listensOn}`, program, release: watchdog.release }
  await watchdog.release()
  throw new Error(`${program} does not start: ${watchdog.lastOutput()}`)
}

/** `folder`: with the files of `settings`, which the container sees under the same path. Pure. */
export const containerArguments = (
  port: number,
  name: string,
  folder: string,
  settings: ReturnType<typeof accessSettings> = {},
): readonly string[] => [
  'run',
  '--rm',
  '--name',
  `aicleaner-test-registry-${name}`,
  '--network',
  'host',
  '--env',
  `REGISTRY_HTTP_ADDR=127.0.0.1:${port}`,
  '--env',
  'REGISTRY_STORAGE_DELETE_ENABLED=true',
  '--env',
  'REGISTRY_LOG_LEVEL=info',
  ...Object.entries(settings).flatMap(([kind, values]) => [
    ...['--volume', `${folder}:${folder}:ro`, '--env', `REGISTRY_AUTH=${kind}`],
    ...Object.entries(values).flatMap(([key, value]) => [
      '--env',
      `REGISTRY_AUTH_${kind.toUpperCase()}_${key.toUpperCase()}=${value}`,
    ]),
  ]),
  registryImage,
]

/** Is a registry program installed, or its image available? */
export async function canServe(): Promise<boolean> {
  if (await isThere('docker-registry')) return true
  if ((await run('docker', ['image', 'inspect', registryImage])).code === 0) return true
  return (await run('docker', ['pull', '-q', registryImage], { timeoutMs: 120_000 })).code === 0
}
