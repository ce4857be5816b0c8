import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BuildResult } from '../../src/build/result.ts'
import { error, Failure } from '../../src/core/diagnostics.ts'
import type { GitHubEvent, Host } from '../../src/core/host.ts'
import { sha256 } from '../../src/core/sha256.ts'
import { collectResults } from '../../src/pipeline/collect-results.ts'
import { type ActionOutputs, deliverReport } from '../../src/pipeline/deliver-report.ts'
import type { CommentRequest } from '../../src/pipeline/github-services.ts'
import { publishImages, pushByDigest, writeResults } from '../../src/pipeline/publish-images.ts'
import { checkPulls } from '../../src/pipeline/pull-check.ts'
import { shareTestNetwork } from '../../src/pipeline/shared-test-network.ts'
import type { BuildSession, Inspector, Stages } from '../../src/pipeline/stages.ts'
import { checkVersions } from '../../src/pipeline/version-gate.ts'
import type { Target } from '../../src/plan/plan.ts'
import { targetFolder } from '../../src/plan/target-names.ts'
import { RegistryError } from '../../src/registry/error.ts'
import type { AnonymousRegistry } from '../../src/registry/pull-check.ts'
import type { Report } from '../../src/report/model/report.ts'
import type { TestNetwork } from '../../src/smoke/network/test-network.ts'
import type { SmokeResult } from '../../src/smoke/result.ts'
import { type BareHost, bareHost } from '../fakes/bare-host.ts'
import { events } from '../plan/events.ts'
import { config, plain } from '../plan/planning.ts'
import { type MemoryRegistry, memoryRegistry } from '../registry/memory.ts'
import { built, first, healthy } from '../report/reports.ts'

/**
 * The stages of a run without Docker, registry and GitHub: builds write small image layouts, publishing goes to a registry in memory,
 * reports to files. Each stage notes its name in `steps` when it is entered, and then does what `at` says for that name.
 */
export interface FakeRun {
  readonly host: BareHost
  readonly stages: Stages
  readonly outputs: ActionOutputs
  /** Names of the stages, in the order in which they were entered: `build amd64`. */
  readonly steps: string[]
  /** Before the stage of this name does its work. */
  at(step: string, action: () => unknown): void
  cancel(): void
  readonly registry: MemoryRegistry
  /** Hosts of registries that refuse pulls without a login. */
  readonly privateHosts: Set<string>
  /** Tags in the registry, without digests. */
  tags(): readonly string[]
  /** Architectures whose smoke test fails. */
  readonly unhealthy: Set<string>
  /** Builds by architecture that end in another way. */
  readonly builds: Map<string, BuildResult>
  readonly reports: Report[]
  readonly comments: CommentRequest[]
  readonly output: Map<string, string>
  readonly summaries: string[]
  /** Groups of the log that were opened and not closed. */
  openGroups(): number
  /** How often a stage was entered. */
  count(step: string): number
  remove(): void
}

export interface FakeRunOptions {
  readonly event?: GitHubEvent
  readonly environment?: Host['environment']
  /** Files of the workspace beside those of the add-on `a`. */
  readonly files?: Readonly<Record<string, string>>
}

export const cancelled = (): Failure => new Failure('cancelled', [error('run/cancelled', 'The run was cancelled.', '')])

export const brokenMachine = (): Failure =>
  new Failure('environment', [error('environment/no-docker', 'Docker does not respond.', 'Start it.')])

export function fakeRun({ event = events.push, environment = {}, files = {} }: FakeRunOptions = {}): FakeRun {
  const folder = mkdtempSync(join(tmpdir(), 'aicleaner-pipeline-'))
  const workspace = join(folder, 'work')
  for (const [path, text] of Object.entries({ 'a/config.yaml': config(), 'a/Dockerfile': plain, ...files })) {
    mkdirSync(join(workspace, path, '..'), { recursive: true })
    writeFileSync(join(workspace, path), text)
  }
  const controller = new AbortController()
  const bare = bareHost(workspace, folder)
  let groups = 0
  const host: BareHost = {
    ...bare,
    event,
    environment: { ...bare.environment, ...environment },
    signal: controller.signal,
    clock: { now: () => 1_000_000, sleep },
    log: { ...bare.log, group: () => void groups++, endGroup: () => void groups-- },
  }
  const steps: string[] = []
  const actions = new Map<string, () => unknown>()
  const enter = async (step: string): Promise<void> => {
    // As every real stage that waits for the outside.
    await Promise.resolve()
    steps.push(step)
    await actions.get(step)?.()
  }
  const registry = memoryRegistry()
  registry.beforeWrite = (name) => {
    steps.push(`write ${name}`)
    actions.get(`write ${name}`)?.()
  }
  const run = {
    unhealthy: new Set<string>(),
    builds: new Map<string, BuildResult>(),
    reports: [] as Report[],
    comments: [] as CommentRequest[],
    output: new Map<string, string>(),
    summaries: [] as string[],
    privateHosts: new Set<string>(),
  }

  const session: BuildSession = {
    diagnostics: [],
    leavesResources: true,
    host,
    registry,
    isEmulated: (architecture) => architecture !== 'amd64',
    async checkBase(target) {
      await enter(`base ${target.architecture}`)
      return target
    },
    async build(target, onLine) {
      await enter(`build ${target.architecture}`)
      onLine(`building ${target.architecture}`)
      if (host.signal.aborted) return { result: cancelledBuild }
      const result = run.builds.get(target.architecture)
      if (result) return { result }
      const layout = join(targetFolder(host.temporary, target), 'image')
      return {
        result: { ...built(), ...writeLayout(layout, target.architecture) },
        image: { layout, reference: `image-${target.architecture}` },
      }
    },
    async attest(target, image) {
      await enter(`attest ${target.architecture}`)
      const layout = join(targetFolder(host.temporary, target), 'attested')
      return { layout, digest: writeLayout(layout, `attestation of ${image}`).manifestDigest }
    },
    unload: (target) => enter(`unload ${target.architecture}`),
    release: () => enter('release session'),
  }
  const inspector = (open: () => Promise<unknown>): Inspector => ({
    async test({ architecture }): Promise<SmokeResult> {
      await open()
      await enter(`test ${architecture}`)
      if (host.signal.aborted) throw cancelled()
      return run.unhealthy.has(architecture)
        ? { ...healthy(), status: 'failed', reason: 'not healthy within 60 s' }
        : healthy()
    },
    describe: ({ reason }) => [`smoke test: ${reason}`],
    async measure({ architecture }, layout) {
      await enter(`measure ${architecture}`)
      const size = first(50_000_000)
      return { size: { ...size, measure: { ...size.measure, ...writeLayout(layout, architecture) } } }
    },
  })
  const stages: Stages = {
    async inspectEngine() {
      await enter('engine')
      return { version: '28', store: 'containerd', machine: 'x64', context: 'default', insecureRegistries: [] }
    },
    async openBuildSession(_, engine) {
      await engine
      await enter('session')
      if (host.signal.aborted) throw cancelled()
      return session
    },
    shareTestNetwork: (owner) =>
      shareTestNetwork(owner, async () => {
        await enter('network')
        return { release: () => enter('release network') } as TestNetwork
      }),
    async openInspector({ options }, _, network) {
      await enter('inspector')
      const { test, ...rest } = inspector(() => network.open())
      return { ...rest, ...(options.smokeTest && test && { test }) }
    },
    async openVersionGate(context) {
      await enter('versions')
      return checkVersions({ ...context, host }, registry)
    },
    async collectResults({ plan, options }) {
      await enter('collect')
      return collectResults(plan, options, host)
    },
    openPublication: async () => ({ registry }),
    async publishImages(request) {
      await enter('publish')
      return publishImages(request)
    },
    async checkPulls(published, { options }) {
      await enter('pulls')
      const anonymous: AnonymousRegistry = {
        checkBlob: registry.checkBlob,
        async manifest(repository, reference) {
          if (run.privateHosts.has(repository.host)) throw new RegistryError('UNAUTHORIZED', 'A login is needed.')
          return registry.manifest(repository, reference)
        },
      }
      return checkPulls(published, options, host, anonymous)
    },
    async pushByDigest(request) {
      await enter('push')
      return pushByDigest(request)
    },
    async writeResults(request) {
      await enter('results')
      return writeResults(request)
    },
    async deliverReport(report, delivery, owner, outputs) {
      run.reports.push(report)
      await enter('report')
      return deliverReport(report, delivery, owner, outputs, {
        openSizeCache: async () => undefined,
        async upsertComment(request) {
          await enter('comment')
          run.comments.push(request)
          return { url: 'https://example.org/comment', action: 'created' }
        },
      })
    },
    postForkComment: () => enter('fork comment'),
    async removeTraces() {
      await enter('traces')
      rmSync(host.temporary, { recursive: true, force: true })
      return []
    },
  }
  return {
    ...run,
    host,
    stages,
    steps,
    registry,
    outputs: {
      output: (name, value) => void run.output.set(name, value),
      summary: async (text) => void run.summaries.push(text),
    },
    at: (step, action) => void actions.set(step, action),
    cancel: () => controller.abort(new Error('SIGTERM')),
    tags: () => [...registry.tags.keys()].filter((name) => !name.includes('@')),
    openGroups: () => groups,
    count: (step) => steps.filter((one) => one === step).length,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Short waits end at once; nothing here takes as long as a time limit. */
const sleep: Host['clock']['sleep'] = (ms, signal) =>
  ms < 1000 ? Promise.resolve() : new Promise((resolve) => signal?.addEventListener('abort', () => resolve()))

export const failedBuild: BuildResult = {
  status: 'failed',
  durationMs: 2000,
  emulated: false,
  reason: 'exit code: 1',
  log: ['RUN false'],
}

export const cancelledBuild: BuildResult = { ...failedBuild, status: 'cancelled', reason: 'The run was cancelled.' }

/** A small image as a build writes it. */
export function writeLayout(
  folder: string,
  content: string,
): { readonly configDigest: string; readonly manifestDigest: string } {
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const write = (bytes: string) => {
    const digest = sha256(bytes)
    writeFileSync(join(blobs, digest.slice('sha256:'.length)), bytes)
    return { digest, size: Buffer.byteLength(bytes) }
  }
  const config = write(JSON.stringify({ content }))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = write(JSON.stringify({ mediaType, config, layers: [write(`layer of ${content}`)] }))
  return { configDigest: config.digest, manifestDigest: manifest.digest }
}

/** The only target of this architecture. */
export function targetFor(targets: readonly Target[], architecture: string): Target {
  const found = targets.find((one) => one.architecture === architecture)
  if (!found) throw new Error(`no target for ${architecture}`)
  return found
}
