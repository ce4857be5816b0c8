import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isThere, run } from './machine/command.ts'
import { startWatched, type Watchdog, watchdogScript } from './machine/watchdog.ts'

export interface RunningRegistry {
  /** `localhost:5000` */
  readonly address: string
  /** The program or image that serves it. */
  readonly program: string
  release(): Promise<void>
}

/** Used if `docker-registry` is not installed but the public registry is reachable. */
const registryImage = 'registry:2'

/** The configuration of docker-registry: loopback only, no login, deletion allowed. `port`: 0 for any free port. Pure. */
export const registryConfiguration = (port: number, folder: string): string =>
  [
    'version: 0.1',
    // The port is only logged from this level on.
    'log: {level: info, accesslog: {disabled: true}}',
    'storage:',
    `  filesystem: {rootdirectory: ${folder}}`,
    '  delete: {enabled: true}',
    `http: {addr: '127.0.0.1:${port}'}`,
    '',
  ].join('\n')

/** Starts a registry on loopback. `port`: default is any free port. */
export async function startRegistry(port = 0): Promise<RunningRegistry> {
  const own = await isThere('docker-registry')
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-test-registry-'))
  const storage = join(folder, 'storage')
  await mkdir(storage)
  const watchdog = own
    ? await serve(folder, registryConfiguration(port, storage))
    : startWatched('sh', [
        watchdogScript,
        folder,
        'docker',
        ...containerArguments(port, randomBytes(4).toString('hex')),
      ])
  // Taken from its log: a port that answers may belong to another registry.
  const [, listensOn] = (await watchdog.announced(/listening on 127\.0\.0\.1:(\d+)/)) ?? []
  if (listensOn !== undefined) {
    const address = `localhost:${listensOn}`
    return { address, program: own ? 'docker-registry' : registryImage, release: watchdog.release }
  }
  await watchdog.release()
  throw new Error(`${own ? 'docker-registry' : registryImage} does not start: ${watchdog.lastOutput()}`)
}

async function serve(folder: string, configuration: string): Promise<Watchdog> {
  const file = join(folder, 'config.yml')
  await writeFile(file, configuration)
  return startWatched('sh', [watchdogScript, folder, 'docker-registry', 'serve', file])
}

/** Pure. */
export const containerArguments = (port: number, name: string): readonly string[] => [
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
  registryImage,
]

/** Is a registry program installed, or its image available? */
export async function canServe(): Promise<boolean> {
  if (await isThere('docker-registry')) return true
  if ((await run('docker', ['image', 'inspect', registryImage])).code === 0) return true
  return (await run('docker', ['pull', '-q', registryImage], { timeoutMs: 120_000 })).code === 0
}
