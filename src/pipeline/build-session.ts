import type { Builder } from '../build/builders/builder.ts'
import { chooseBuilder } from '../build/builders/choose.ts'
import { removeBuilder } from '../build/builders/create.ts'
import { buildsHere, buildsNatively } from '../build/builders/nodes.ts'
import { type BuilderRestart, createBuilderRestart } from '../build/builders/restart.ts'
import { decideCache } from '../build/cache/decision.ts'
import { probeCache } from '../build/cache/probe.ts'
import { type BuildCache, openCache } from '../build/cache/state.ts'
import { lacksOciExport, limitToClassicStore } from '../build/classic-store.ts'
import { secretValues } from '../build/secrets.ts'
import { type Architecture, isNative } from '../core/architecture.ts'
import { type Diagnostic, error, Failure } from '../core/diagnostics.ts'
import type { Host, Processes } from '../core/host.ts'
import { openSigner, type Sign } from '../cosign/sign.ts'
import { type CheckBase, openBaseCheck } from '../cosign/verify-base.ts'
import { prepareEmulation } from '../docker/emulation.ts'
import { type Engine, inspectEngine } from '../docker/engine.ts'
import { prepareLogins } from '../docker/login.ts'
import type { Login, Options } from '../inputs/options.ts'
import type { Plan } from '../plan/plan.ts'
import type { Registry } from '../registry/client.ts'
import { openRegistry } from '../registry/open.ts'

/** Everything that building and testing needs, ready. */
export interface BuildSession {
  readonly engine: Engine
  readonly builder: Builder
  readonly cache: BuildCache
  readonly restart?: BuilderRestart
  /** The host, its processes logged in to the registries of this step. */
  readonly host: Host
  /** Speaks with the logins of this step, and with those that an earlier step left. */
  readonly registry: Registry
  /** Undefined: nothing is signed. */
  readonly sign?: Sign
  readonly checkBase: CheckBase
  readonly diagnostics: readonly Diagnostic[]
  /** Containers of this architecture need QEMU on this machine. */
  readonly isEmulated: (architecture: Architecture) => boolean
  /** So does its build, wherever that is. */
  readonly buildIsEmulated: (architecture: Architecture) => boolean
  release(): Promise<void>
}

/** Starts as few processes as it can: one that asks the engine, one for QEMU where it is missing, one for a builder where the daemon's own does not do. */
export async function openBuildSession(
  plan: Plan,
  logins: readonly Required<Login>[],
  options: Options,
  host: Host,
  asked?: Promise<Engine>,
): Promise<BuildSession> {
  for (const value of await secretValues(options.secrets, host)) host.log.mask(value)
  const architectures = plan.addons.flatMap(({ targets }) => targets.map(({ architecture }) => architecture))
  // Nobody waits for the answer but the first build, which has to wait for its builder anyhow.
  const decided = decideCache(options, host)
  const probe = probeCache(decided.plan, host)
  const ownHost = await loggedIn(logins, host)
  const engine = await (asked ?? inspectEngine(ownHost))
  const { insecureRegistries } = engine
  const registry = openRegistry(logins, insecureRegistries, ownHost)
  const access = mayPush(plan, registry, options, ownHost)
  // Where the run ends before, nobody waits for it.
  access.catch(() => {})
  const sign = await openSigner(options, insecureRegistries, ownHost)
  const checkBase = await openBaseCheck(plan, options, registry, insecureRegistries, ownHost)
  // Before anything is made that would only have to be removed.
  if (host.signal.aborted) throw new Failure('cancelled', [error('run/cancelled', 'The run was cancelled.', '')])
  const builder = await prepareBuilder(architectures, engine, options, ownHost, access)
  const { plan: planned, diagnostics } = lacksOciExport(builder, engine)
    ? limitToClassicStore(decided, options)
    : decided
  const cache = openCache(planned, host.log)
  const trouble = await probe
  if (trouble) cache.disable({ ...trouble, why: host.log.redact(trouble.why) })
  const restart = createBuilderRestart(builder, ownHost.processes)
  return {
    engine,
    builder,
    cache,
    ...(restart && { restart }),
    registry,
    ...(sign && { sign }),
    checkBase,
    host: ownHost,
    diagnostics,
    isEmulated: (architecture) => !isNative(architecture, engine.machine),
    buildIsEmulated: (architecture) => !buildsNatively(builder.nodes, architecture, engine.machine),
    release: () => removeBuilder(builder, { engine, host: ownHost }),
  }
}

/** The host, its processes logged in. */
export async function loggedIn(logins: readonly Required<Login>[], host: Host): Promise<Host> {
  const variables = await prepareLogins(logins, host.environment, host.temporary)
  return { ...host, processes: withEnvironment(host.processes, variables) }
}

/** Throws a Failure (`publish`) where the login may not push, with every name that was refused. Asks nobody where nothing is pushed. */
async function mayPush(plan: Plan, registry: Registry, options: Options, host: Host): Promise<void> {
  if (!options.push) return
  const { checkPushAccess } = await import('./push-access.ts')
  const refused = await checkPushAccess(plan, registry, options, host)
  if (refused.length > 0) throw new Failure('publish', refused)
}

/**
 * The builder, and QEMU for what runs on this machine: builds on nodes elsewhere need none here, tests of their images do.
 * @param access rejects where nothing is to be built: what was made by then is removed.
 */
async function prepareBuilder(
  architectures: readonly Architecture[],
  engine: Engine,
  options: Options,
  host: Host,
  access: Promise<void>,
): Promise<Builder> {
  const { planned, open } = chooseBuilder(options, engine, host)
  const opening = open()
  const emulate = async (): Promise<void> => {
    // What an existing builder is, only it can say.
    const { nodes } = planned.driver === 'other' ? await opening : planned
    const here = architectures.filter((one) => options.smokeTest || buildsHere(nodes, one))
    return prepareEmulation(here, engine.machine, options, host)
  }
  const emulating = emulate()
  try {
    const [builder] = await Promise.all([opening, emulating, access])
    return builder
  } catch (thrown) {
    await Promise.allSettled([opening.then((builder) => removeBuilder(builder, { engine, host })), emulating])
    throw thrown
  }
}

/** The same processes, with more variables. */
export function withEnvironment(processes: Processes, variables: Readonly<Record<string, string>>): Processes {
  if (Object.keys(variables).length === 0) return processes
  return {
    exec: (command, args, options = {}) =>
      processes.exec(command, args, { ...options, environment: { ...variables, ...options.environment } }),
    spawn: (command, args, options = {}) =>
      processes.spawn(command, args, { ...options, environment: { ...variables, ...options.environment } }),
  }
}
