import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunConfig } from '../../src/addon/addon.ts'
import { type Architecture, architectures, isNative, platformOf } from '../../src/core/architecture.ts'
import type { Host } from '../../src/core/host.ts'
import { findProgram, pluginFolders } from '../../src/docker/buildx-plugin.ts'
import { buildxCommand } from '../../src/docker/engine.ts'
import { lostLayer } from '../../src/docker/images.ts'
import { openList } from '../../src/docker/lists.ts'
import type { GateAction, Options } from '../../src/inputs/options.ts'
import type { Target } from '../../src/plan/plan.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { terminalLog } from '../../src/platform/log/terminal.ts'
import { createProcesses } from '../../src/platform/processes.ts'
import { openTestNetwork, type TestNetwork } from '../../src/smoke/network/test-network.ts'
import type { SmokeResult } from '../../src/smoke/result.ts'
import { limitContainers, smokeTest } from '../../src/smoke/smoke-test.ts'
import { readFacts } from '../environment/facts.ts'
import { target as anyTarget, runConfig } from '../fixtures/target.ts'

/** A base image of the test environment; its registry is this machine's own. */
export function baseImage(name: 'tiny' | 'python' | 's6', architecture: Architecture): string {
  const { bases } = readFacts()
  if (!bases) throw new Error('The test environment has no base images.')
  return `${bases[name]}:${architecture}`
}

const folders: string[] = []

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aicleaner-smoke-'))
  folders.push(folder)
  return folder
}

/** After the last test of a file. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/** A real host with a silent log and a new run ID. */
export function makeHost(changes: Partial<Host> = {}): Host {
  return {
    processes: createProcesses(process.env),
    clock: systemClock,
    log: terminalLog(
      () => {},
      () => {},
    ),
    environment: process.env,
    workspace: process.cwd(),
    temporary: temporaryFolder(),
    runId: `smoke${randomBytes(5).toString('hex')}`,
    event: {
      name: 'local',
      ref: 'refs/heads/main',
      sha: '',
      repository: 'owner/name',
      owner: 'owner',
      repositoryUrl: '',
      defaultBranch: 'main',
      actor: '',
      workflow: '',
      runId: '',
      runAttempt: 1,
      runUrl: '',
      timestamp: 0,
    },
    signal: new AbortController().signal,
    ...changes,
  }
}

type SmokeOptions = Partial<Pick<Options, Extract<keyof Options, `smoke${string}`> | 'supervisor' | 'parallel'>>

/** Only the options that the smoke test reads. */
export const makeOptions = (changes: SmokeOptions = {}): Options =>
  ({
    smokeTest: true,
    smokeOptions: {},
    smokeEnvironment: new Map(),
    smokeRunArguments: [],
    smokePrivileges: [],
    smokeProtected: true,
    smokeTimeoutMs: 15_000,
    smokeEmulationFactor: 5,
    smokeRetries: 0,
    smokeChecks: new Map(),
    supervisor: 'auto',
    ...changes,
  }) as Options

export const makeTarget = (
  run: Partial<RunConfig> = {},
  architecture: Architecture = 'amd64',
  addon = 'my_addon',
): Target =>
  anyTarget({
    id: `${addon}/${architecture}`,
    addon,
    architecture,
    platform: platformOf(architecture),
    run: runConfig(run),
  })

/** The architecture of this machine, under Home Assistant's name. */
export const native: Architecture =
  architectures.find((architecture) => isNative(architecture, process.arch)) ?? 'amd64'

export interface Fixture {
  readonly name: string
  /** Lines of a Dockerfile after `FROM … AS base`. */
  readonly lines: readonly string[]
  readonly base?: 'tiny' | 'python' | 's6'
  readonly architecture?: Architecture
}

/** A file of the image, written without a build context. */
export const file = (path: string, content: string, mode = '755'): string =>
  `COPY --chmod=${mode} <<'END_OF_FILE' ${path}\n${content.trimEnd()}\nEND_OF_FILE`

/** Through docker, each build would start the plugins twice more. */
let plugin: Promise<Parameters<typeof buildxCommand>[0]> | undefined

/** Builds an image from a few lines; resolves with its name, which is of this host's run alone. */
export async function buildFixture(fixture: Fixture, host: Host): Promise<string> {
  const architecture = fixture.architecture ?? native
  const name = `aicleaner-smoke-test/${host.runId}/${fixture.name}:${architecture}`
  const dockerfile = [`FROM ${baseImage(fixture.base ?? 'tiny', architecture)} AS base`, ...fixture.lines].join('\n')
  plugin ??= findProgram('docker-buildx', pluginFolders(process.env, {})).then((program) =>
    program ? { buildxProgram: program } : {},
  )
  const options = ['--load', '--quiet', '--platform', platformOf(architecture), '--provenance=false', '--tag', name]
  const command = buildxCommand(await plugin, ['buildx', 'build', ...options, '-'])
  const build = () => host.processes.exec(...command, { input: dockerfile, timeoutMs: 240_000 })
  let answer = await build()
  // Other tests remove their images from the same engine meanwhile.
  if (lostLayer(answer.stderr)) answer = await build()
  if (answer.exitCode !== 0) throw new Error(`${fixture.name} could not be built: ${answer.stderr}`)
  return name
}

type OpenTestNetwork = (host: Host) => Promise<TestNetwork>

/** Tests of one host share a network, as those of one run do. */
const testNetworks = new WeakMap<Host, { network?: Promise<TestNetwork>; users: number }>()

/** The last test that uses the network of a host removes it. */
async function withTestNetwork<T>(
  host: Host,
  open: OpenTestNetwork,
  test: (network: () => Promise<TestNetwork>) => Promise<T>,
): Promise<T> {
  const shared = testNetworks.get(host) ?? { users: 0 }
  testNetworks.set(host, shared)
  shared.users += 1
  try {
    return await test(() => {
      shared.network ??= open(host)
      return shared.network
    })
  } finally {
    shared.users -= 1
    if (shared.users === 0) {
      testNetworks.delete(host)
      await (await shared.network)?.release()
    }
  }
}

export interface SmokeTrial extends Omit<Fixture, 'name'> {
  readonly name: string
  readonly addon?: string
  readonly run?: Partial<RunConfig>
  readonly options?: SmokeOptions
  readonly emulated?: boolean
  /** Also the further runs: read-only, without capabilities, … */
  readonly furtherRuns?: true
  readonly open?: OpenTestNetwork
}

/** The further runs take longer than everything else. */
export const firstRunOnly: ReadonlyMap<string, GateAction> = new Map(
  (['restart', 'read-only', 'capabilities', 'network'] as const).map((name) => [name, 'off']),
)

/** Builds, tests, and removes the image. */
export async function trySmoke(one: SmokeTrial, host: Host = makeHost()): Promise<SmokeResult> {
  const architecture = one.architecture ?? native
  const image = await buildFixture(one, host)
  try {
    return await withTestNetwork(host, one.open ?? openTestNetwork, (network) =>
      smokeTest(
        {
          target: makeTarget(one.run, architecture, one.addon),
          reference: image,
          emulated: one.emulated ?? !isNative(architecture, process.arch),
          kept: true,
        },
        makeOptions({
          ...one.options,
          smokeChecks: one.options?.smokeChecks ?? (one.furtherRuns ? new Map() : firstRunOnly),
        }),
        host,
        { openNetwork: network, containers: limitContainers({ ...one.options }) },
      ),
    )
  } finally {
    await host.processes.exec('docker', ['image', 'rm', '--force', image])
  }
}

/** The Docker objects of a run that still exist. */
export async function leftovers(host: Host): Promise<readonly string[]> {
  const list = await openList(host)
  const label = `aicleaner-build.run=${host.runId}`
  return (await Promise.all((['container', 'network', 'volume'] as const).map((kind) => list(kind, { label })))).flat()
}

/** Runs jobs, so many at once; each resolves by itself. A test waits for its own. */
export function pool(atOnce: number): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (job) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
    try {
      return await job()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
}

/** One check of a result, by name. */
export const checkOf = (result: SmokeResult, name: string) => {
  const check = result.checks.find((one) => one.name === name)
  if (!check) throw new Error(`No check "${name}" among ${result.checks.map((one) => one.name).join(', ')}.`)
  return check
}
