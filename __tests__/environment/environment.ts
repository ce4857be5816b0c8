import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { emulatorOf, isNative } from '../../src/core/architecture.ts'
import { buildkitImage, defaultQemuImage } from '../../src/core/pins.ts'
import { installArguments, isUsable } from '../../src/docker/emulation.ts'
import { browserPath } from '../report/browser-path.ts'
import { missingEmulators, readHandler, registerEmulators, testedArchitectures } from './emulators.ts'
import { engineInUse, type PreparedEngine, prepareEngine } from './engine/main-engine.ts'
import { startSecondEngine } from './engine/second-engine.ts'
import type { EngineFacts, Facts, Need } from './facts.ts'
import { type Bases, copyBases, prepareBases } from './images/bases.ts'
import { copyBuildkit, engineHas, loadBuildkit, makeBuildkit, planBuildkit, pullBuildkit } from './images/buildkit.ts'
import { mailhog, makeProgram, planProgram, registry3 } from './images/go-programs.ts'
import { type Installed, installMissing } from './install.ts'
import { must, run } from './machine/command.ts'
import { type Lock, takeLock } from './machine/lock.ts'
import { inspectMachine, type Machine } from './machine/machine.ts'
import { withPrerequisites } from './plan.ts'
import { canServe, type RunningRegistry, startRegistry } from './registry.ts'
import { describePiece, type How } from './words.ts'

export interface TestEnvironmentOptions {
  readonly needs: readonly Need[]
  /** Prints one line about each piece. Default: to standard output. */
  readonly say?: (line: string) => void
  /** Port of the registry. Default: any free port. */
  readonly registryPort?: number
}

export interface TestEnvironment {
  readonly facts: Facts
  /** Registers work that uses the test environment. A signal, or `release`, waits up to 30 seconds for this work before it stops the pieces. */
  hold<T>(work: Promise<T>): Promise<T>
  /** Stops everything that was started, except a Docker engine that was not running before. */
  release(): Promise<void>
}

/** A prepared piece: how it was prepared, its description for the log, and its value. */
interface Piece<T> {
  readonly how: How
  readonly what: string
  readonly value: T
}

/**
 * Prepares this machine for the end-to-end tests: finds, installs or starts what they need. Pieces that cannot be prepared are listed in `facts.missing`; that is not
 * an error. Everything that was started is stopped by `release`, on SIGINT and SIGTERM, and also if this process is killed.
 */
export async function prepareTestEnvironment(options: TestEnvironmentOptions): Promise<TestEnvironment> {
  const machine = await inspectMachine()
  const needs = withPrerequisites(options.needs)
  const say = options.say ?? ((line: string) => console.log(line))
  const missing: Partial<Record<Need, string>> = {}
  const cleanUps = createCleanUps()

  const attempt = async <T>(need: Need, prepare: () => Promise<Piece<T>>): Promise<T | undefined> => {
    if (!needs.includes(need)) return undefined
    try {
      const piece = await prepare()
      say(describePiece(need, piece.how, piece.what))
      return piece.value
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      missing[need] = reason
      say(describePiece(need, 'missing', reason))
      return undefined
    }
  }

  // Runs that start at the same time must not install packages, start an engine or build the same layers concurrently.
  const alone = await waitFor('preparation', say)
  try {
    const installed = await installMissing(machine, needs, buildkitImage, say)
    const context: Context = { machine, installed, cleanUps }
    const engine = await attempt('engine', () => engineOf(context))
    if (engine) cleanUps.add((await takeLock(engineInUse, { shared: true })).release)
    const [registry] = await Promise.all([
      attempt('registry', () => registryOf(context, options.registryPort)),
      attempt('emulators', () => emulatorsOf(context)),
      attempt('browser', () => browserOf(context)),
      attempt('cosign', () => programOf(context, 'cosign')),
      attempt('sshd', () => programOf(context, 'sshd')),
    ])
    const [bases, buildkit, classic, containerd, mailhogFolder, registry3Folder] = await Promise.all([
      attempt('bases', () => basesOf(context, registry)),
      attempt('buildkit', () => buildkitOf(context, registry, engine)),
      attempt('classic-engine', () => storeOf(context, engine, 'classic')),
      attempt('containerd-engine', () => storeOf(context, engine, 'containerd')),
      attempt('mailhog', () => goProgramOf(context, mailhog, 'mailhog')),
      attempt('registry3', () => goProgramOf(context, registry3, 'registry3')),
    ])
    const engines = { ...(engine && { [engine.store]: engine.dockerHost }), ...classic, ...containerd }
    if (buildkit && registry && engine) await shareBuildkit(registry, engine, Object.values(engines))
    if (registry) cleanUps.add(() => removeImages(registry.address))
    return {
      facts: {
        engines,
        missing,
        runnable: testedArchitectures.filter((architecture) => runs(machine, architecture)),
        ...(registry && { registry: registry.address }),
        ...(engine && { engine: { version: engine.version, store: engine.store, dockerHost: engine.dockerHost } }),
        ...(bases && { bases }),
        ...(buildkit && { buildkit }),
        ...(mailhogFolder && { mailhog: mailhogFolder }),
        ...(registry3Folder && { registry3: join(registry3Folder, registry3.program) }),
      },
      hold: cleanUps.hold,
      release: cleanUps.run,
    }
  } catch (thrown) {
    await cleanUps.run()
    throw thrown
  } finally {
    await alone.release()
  }
}

async function waitFor(name: string, say: (line: string) => void): Promise<Lock> {
  const free = await takeLock(name, { now: true })
  if (free) return free
  say(`test environment: waiting for the ${name} of another run on this machine`)
  return takeLock(name)
}

interface Context {
  readonly machine: Machine
  readonly installed: Installed
  readonly cleanUps: CleanUps
}

/** Why a tool is missing: the reason why it was not installed, if known. */
const because = ({ installed }: Context, otherwise: string): Error => new Error(installed.refused ?? otherwise)

async function engineOf(context: Context): Promise<Piece<PreparedEngine>> {
  const { tools } = context.installed.present
  for (const tool of ['client', 'buildx', 'compose'] as const) {
    if (!tools.has(tool)) throw because(context, `docker has no ${tool}`)
  }
  const engine = await prepareEngine(context.machine)
  const how = context.installed.installed.includes('daemon') ? 'installed' : engine.how
  return { how, what: `Docker ${engine.version}, ${engine.store} image store`, value: engine }
}

async function emulatorsOf(context: Context): Promise<Piece<true>> {
  const { machine, installed } = context
  const wanted = missingEmulators(machine)
  const done: Piece<true> = { how: 'found', what: 'arm64 and armv7', value: true }
  if (installed.installed.includes('qemu')) return { ...done, how: 'installed' }
  if (wanted.length === 0) return done
  if (installed.present.tools.has('qemu') && machine.rights !== 'none') await registerEmulators(machine, false)
  else if (installed.present.publicRegistry) {
    const foreign = testedArchitectures.filter((architecture) => wanted.includes(emulatorOf(architecture)))
    await must('docker', installArguments(defaultQemuImage, foreign), { timeoutMs: 300_000 })
  } else throw because(context, `no ${wanted.join(', ')}`)
  return { ...done, how: 'loaded' }
}

async function browserOf(context: Context): Promise<Piece<string>> {
  const path = browserPath()
  if (path === undefined) throw because(context, 'no Chromium')
  return { how: context.installed.installed.includes('browser') ? 'installed' : 'found', what: path, value: path }
}

/** A program that tests start themselves. */
async function programOf(context: Context, tool: 'cosign' | 'sshd'): Promise<Piece<true>> {
  if (!context.installed.present.tools.has(tool)) throw because(context, `no ${tool}`)
  return { how: context.installed.installed.includes(tool) ? 'installed' : 'found', what: tool, value: true }
}

async function registryOf(context: Context, port?: number): Promise<Piece<RunningRegistry>> {
  if (!(await canServe())) throw because(context, 'neither docker-registry nor its image is available')
  const registry = await startRegistry(port === undefined ? {} : { port })
  context.cleanUps.add(registry.release)
  return { how: 'started', what: `${registry.program} on ${registry.address}`, value: registry }
}

async function basesOf(context: Context, registry: RunningRegistry | undefined): Promise<Piece<Bases>> {
  if (!registry) throw new Error('no registry to push them to')
  const { present } = context.installed
  if (present.publicRegistry)
    return { how: 'loaded', what: 'from public registries', value: await copyBases(context.machine, registry.address) }
  if (!present.bases && !present.tools.has('mmdebstrap')) throw because(context, 'no mmdebstrap')
  const value = await prepareBases(context.machine, registry.address)
  return { how: present.bases ? 'found' : 'made', what: Object.values(value).join(', '), value }
}

async function buildkitOf(
  context: Context,
  registry: RunningRegistry | undefined,
  engine: EngineFacts | undefined,
): Promise<Piece<string>> {
  if (!engine) throw new Error('no engine')
  if (!registry) throw new Error('no registry to load it into the engine from')
  const { present } = context.installed
  const plan = await planBuildkit(context.machine, buildkitImage)
  const done = { what: buildkitImage, value: buildkitImage }
  if (present.publicRegistry) {
    await pullBuildkit(buildkitImage, engine.dockerHost)
    return { ...done, how: 'loaded' }
  }
  if (await engineHas(buildkitImage, plan, engine.dockerHost)) return { ...done, how: 'found' }
  if (!present.buildkit && !present.tools.has('go')) throw because(context, 'no Go to build it with')
  await makeBuildkit(context.machine, buildkitImage, plan)
  await loadBuildkit(context.machine, buildkitImage, plan, registry.address, engine.dockerHost)
  return { ...done, how: present.buildkit ? 'loaded' : 'made' }
}

/** Always built from the Go module, even if public registries are reachable: the published images are builds of the same modules by third parties. */
async function goProgramOf(
  context: Context,
  program: typeof mailhog,
  need: 'mailhog' | 'registry3',
): Promise<Piece<string>> {
  const { present } = context.installed
  const folder = await planProgram(context.machine, program)
  if (!present[need] && !present.tools.has('go')) throw because(context, 'no Go to build it with')
  await makeProgram(folder, program)
  return { how: present[need] ? 'found' : 'made', what: folder, value: folder }
}

/** An engine with this image store: the main engine, if it has this store; otherwise a second engine. */
async function storeOf(
  context: Context,
  engine: EngineFacts | undefined,
  store: 'containerd' | 'classic',
): Promise<Piece<Readonly<Record<string, string>>>> {
  if (engine?.store === store) return { how: 'found', what: engine.dockerHost, value: { [store]: engine.dockerHost } }
  if (!context.installed.present.tools.has('daemon')) throw because(context, 'no dockerd')
  const second = await startSecondEngine(context.machine, store)
  context.cleanUps.add(second.release)
  return { how: 'started', what: second.dockerHost, value: { [store]: second.dockerHost } }
}

/** Copies the image to every engine, not only to the one that it was prepared for. */
async function shareBuildkit(registry: RunningRegistry, main: EngineFacts, hosts: readonly string[]): Promise<void> {
  for (const host of hosts.filter((host) => host !== main.dockerHost)) {
    await copyBuildkit(buildkitImage, registry.address, main.dockerHost, host)
  }
}

/** Removes the tags of pulled images: they refer to a registry that is about to stop. */
async function removeImages(registry: string): Promise<void> {
  for (const depth of ['*', '*/*', '*/*/*']) {
    const names = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', '--filter', `reference=${registry}/${depth}`]
    const listed = (await run('docker', names)).stdout.split('\n').filter((name) => name && !name.endsWith(':<none>'))
    if (listed.length > 0) await run('docker', ['rmi', '--force', ...listed])
  }
}

const runs = (machine: Machine, architecture: (typeof testedArchitectures)[number]): boolean =>
  isNative(architecture, machine.architecture === 'arm64' ? 'arm64' : 'x64') ||
  isUsable(readHandler(emulatorOf(architecture)))

interface CleanUps {
  add(end: () => Promise<void>): void
  hold<T>(work: Promise<T>): Promise<T>
  run(): Promise<void>
}

/** Clean-up functions, run in reverse order by `run` or when a signal ends this process; only once, even if called several times. */
function createCleanUps(): CleanUps {
  const list: (() => Promise<void>)[] = []
  const works = new Set<Promise<unknown>>()
  let running: Promise<void> | undefined
  const finish = async () => {
    // Programs that use the pieces also received the signal, and clean up first.
    await Promise.race([Promise.allSettled(works), sleep(30_000, undefined, { ref: false })])
    for (const [signal, handler] of handlers) process.off(signal, handler)
    for (const end of list.splice(0).reverse()) await end().catch(() => {})
  }
  const run = () => {
    running ??= finish()
    return running
  }
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const handler = () =>
      void run().then(() => process.exit(signal === 'SIGINT' ? 130 : signal === 'SIGHUP' ? 129 : 143))
    return [signal, handler] as const
  })
  for (const [signal, handler] of handlers) process.on(signal, handler)
  const hold = <T>(work: Promise<T>): Promise<T> => {
    works.add(work)
    return work.finally(() => works.delete(work))
  }
  return { add: (end) => void list.push(end), hold, run }
}
