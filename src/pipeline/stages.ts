import type { ChangedFiles } from '../addon/discover.ts'
import type { Finding } from '../audit/finding.ts'
import type { BuildResult } from '../build/result.ts'
import type { ContextReport } from '../context/context-measure.ts'
import type { Architecture } from '../core/architecture.ts'
import type { Diagnostic } from '../core/diagnostics.ts'
import type { Digest } from '../core/digest.ts'
import type { Host } from '../core/host.ts'
import type { Sign } from '../cosign/sign.ts'
import type { Engine } from '../docker/engine.ts'
import type { Login, Options } from '../inputs/options.ts'
import type { Plan, Target } from '../plan/plan.ts'
import type { Registry } from '../registry/client.ts'
import type { PublishedAddon } from '../registry/publish.ts'
import type { Publication, Reason, Report, Verdict } from '../report/model/report.ts'
import type { SizeResult } from '../size/result.ts'
import type { TestNetwork } from '../smoke/network/test-network.ts'
import type { SmokeResult } from '../smoke/result.ts'
import type { CollectedResults } from './collect-results.ts'
import type { ActionOutputs, Delivery } from './deliver-report.ts'
import type { PullFindings } from './pull-check.ts'
import type { LocalAttestation, TargetOutcome } from './target-outcome.ts'

/** What every stage after the plan gets. */
export interface RunContext {
  readonly plan: Plan
  readonly options: Options
  readonly host: Host
  readonly logins: readonly Required<Login>[]
}

/** The stages of a run that reach Docker, registries or GitHub. Each is loaded when it is first called; tests pass fakes. */
export interface Stages {
  inspectEngine(host: Host): Promise<Engine>
  /** Throws a Failure if nothing can be built. Then it has removed what it made. */
  openBuildSession(context: RunContext, engine?: Promise<Engine>): Promise<BuildSession>
  shareTestNetwork(host: Host): SharedTestNetwork
  /** Starts to load what the images are compared with. */
  openInspector(context: RunContext, session: BuildSession, network: SharedTestNetwork): Promise<Inspector>
  /** Checks the versions of add-ons that a pull request changes, while images are built. Never rejects. */
  openVersionGate(context: RunContext & ChangesOfRun, engine?: Promise<Engine>): Promise<VersionFindings>
  /** `mode: publish`: the results of the jobs that built. */
  collectResults(context: RunContext): Promise<CollectedResults>
  /** `mode: publish`: the registry and the signer, without Docker. */
  openPublication(context: RunContext): Promise<Pick<PublishRequest, 'registry' | 'sign'>>
  /** Never rejects. */
  publishImages(request: PublishRequest): Promise<PublicationResult>
  /** Pulls what was published without a login. Never rejects. */
  checkPulls(
    published: ReadonlyMap<string, PublishedAddon>,
    context: RunContext,
    engine?: Promise<Engine>,
  ): Promise<PullFindings>
  /** `mode: build`: pushes images under their digests and writes the result files. Never rejects. */
  pushByDigest(request: PublishRequest): Promise<PublicationResult>
  /** `mode: build`: writes the result files only. */
  writeResults(request: ResultsRequest): Promise<void>
  deliverReport(report: Report, delivery: Delivery, host: Host, outputs: ActionOutputs): Promise<void>
  /** Writes the comment for the pull request of a fork whose run has ended. */
  postForkComment(options: Options, host: Host, outputs: ActionOutputs): Promise<void>
  /** Removes what the run may have left in Docker, and its temporary folder. Returns what could not be removed. */
  removeTraces(host: Host): Promise<readonly string[]>
}

export interface ChangesOfRun {
  /** The files that the event changed. Never rejects. */
  readonly changes: () => Promise<ChangedFiles>
}

export interface VersionFindings {
  /** A version that devices are not offered, or a CHANGELOG without it. */
  readonly problems: readonly Reason[]
  /** What could not be found out, as lines for the log. */
  readonly unknown: readonly string[]
}

/** Everything that the builds of all targets of a job share. */
export interface BuildSession {
  readonly diagnostics: readonly Diagnostic[]
  /** Docker holds, or held, something of this run: containers, images, a builder. */
  readonly leavesResources: boolean
  /** A host whose processes are logged in to the registries of this step. */
  readonly host: Host
  /** Uses the logins of this step, and those of earlier steps. */
  readonly registry: Registry
  /** Undefined: nothing is signed. */
  readonly sign?: Sign
  /** Containers of this architecture need QEMU on this machine. */
  isEmulated(architecture: Architecture): boolean
  /** Verifies the signature of the base image. Returns the target with the digest that was verified. */
  checkBase(target: Target): Promise<Target | { readonly refused: string }>
  /** A failed build is a result. Throws a Failure only if Docker cannot be used. */
  build(target: Target, onLine: (line: string) => void): Promise<BuiltTarget>
  /** Attestations of an image that was built by this session. */
  attest(target: Target, image: Digest): Promise<LocalAttestation>
  /** Removes the image from the engine; publishing only needs the layout. */
  unload(target: Target): Promise<void>
  release(): Promise<void>
}

export interface BuiltTarget {
  readonly result: BuildResult
  /** Undefined: the build failed. */
  readonly image?: {
    /** OCI layout folder. */
    readonly layout: string
    /** Names the image in the engine, by digest. */
    readonly reference: string
  }
}

/** The network of all smoke tests of a run. The Supervisor's address can exist only once on a machine. */
export interface SharedTestNetwork {
  /** The first call creates the network. */
  open(): Promise<TestNetwork>
  /** Does nothing if no test has opened it. */
  release(): Promise<void>
}

/** Tests and measures images after their build. */
export interface Inspector {
  /** Undefined: `smoke-test: false`. */
  readonly test?: (target: Target, image: string, emulated: boolean) => Promise<SmokeResult>
  /** The lines of a smoke test for the log. */
  readonly describe: (result: SmokeResult) => readonly string[]
  /** `warnings`: Dockerfile checks of the build, which the audit includes. */
  readonly measure: (target: Target, layout: string, warnings: readonly Diagnostic[]) => Promise<Measured>
}

interface Measured {
  readonly size: SizeResult
  readonly audit?: readonly Finding[]
  readonly context?: ContextReport
}

export interface PublishRequest {
  readonly plan: Plan
  /** By target id. */
  readonly outcomes: ReadonlyMap<string, TargetOutcome>
  readonly verdict: Verdict
  readonly registry: Registry
  /** Undefined: nothing is signed. */
  readonly sign?: Sign
  readonly options: Options
  readonly host: Host
  /** Problems of the build session; in `mode: publish`, problems of the result files. */
  readonly problems: readonly Diagnostic[]
}

export interface PublicationResult {
  readonly publication: Publication
  /** By slug; absent when nothing was published. */
  readonly published?: ReadonlyMap<string, PublishedAddon>
  /** Why publishing failed; empty if it did not. */
  readonly reasons: readonly Reason[]
  /** What a published run warns about: versions that it replaced. */
  readonly warnings?: readonly Reason[]
  /** The same with locations, if files are at fault. */
  readonly diagnostics?: readonly Diagnostic[]
}

export interface ResultsRequest extends Pick<PublishRequest, 'plan' | 'outcomes' | 'options' | 'host'> {
  /** Why the images are not in the registry; undefined: they are. */
  readonly notPushed: string | undefined
  /** By target id: the manifests that were not in the registry before. */
  readonly pushed?: ReadonlyMap<string, readonly Digest[]>
}
