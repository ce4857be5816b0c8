import { join } from 'node:path'
import { attest } from '../build/attest.ts'
import { buildTarget, localName, testedReference } from '../build/build.ts'
import type { Builder } from '../build/builders/builder.ts'
import { chooseBuilder } from '../build/builders/choose.ts'
import { removeBuilder } from '../build/builders/create.ts'
import { buildsHere, buildsNatively } from '../build/builders/nodes.ts'
import { createBuilderRestart } from '../build/builders/restart.ts'
import { decideCache } from '../build/cache/decision.ts'
import { probeCache } from '../build/cache/probe.ts'
import { openCache } from '../build/cache/state.ts'
import { lacksOciExport, limitToClassicStore } from '../build/classic-store.ts'
import { secretValues } from '../build/secrets.ts'
import { isNative } from '../core/architecture.ts'
import { Failure, runCancelled } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { openSigner } from '../cosign/sign.ts'
import { openBaseCheck } from '../cosign/verify-base.ts'
import { prepareEmulation } from '../docker/emulation.ts'
import { type Engine, inspectEngine } from '../docker/engine.ts'
import { removeImage } from '../docker/images.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan } from '../plan/plan.ts'
import { targetFolder } from '../plan/target-names.ts'
import type { Registry } from '../registry/client.ts'
import { openRegistry } from '../registry/open.ts'
import { loggedIn } from './logged-in.ts'
import { openBaseRecord } from './record-base.ts'
import type { BuildSession, RunContext } from './stages.ts'

/**
 * Starts as few processes as possible: one to inspect the engine, one for QEMU if it is missing, one for a builder if the daemon's own cannot be used.
 * @param pendingEngine an inspection of the engine that is already running.
 */
export async function openBuildSession(context: RunContext, pendingEngine?: Promise<Engine>): Promise<BuildSession> {
  const { plan, options, host: outer, logins } = context
  for (const value of await secretValues(options.secrets, outer)) outer.log.mask(value)
  // Only the first build waits for the answer, and it has to wait for its builder in any case.
  const decided = decideCache(options, outer)
  const probe = probeCache(decided.plan, outer)
  const host = await loggedIn(logins, outer)
  const engine = await (pendingEngine ?? inspectEngine(host))
  const { insecureRegistries, machine } = engine
  const registry = openRegistry(logins, insecureRegistries, host)
  const recordBase = openBaseRecord(plan, options, registry, host)
  const access = checkAccess(plan, registry, options, host)
  // The run may end before the result is needed; a rejection must not count as unhandled.
  access.catch(() => {})
  const sign = await openSigner(options, insecureRegistries, host)
  const checkBase = await openBaseCheck(plan, options, registry, insecureRegistries, host)
  // Checked before anything is created that would only have to be removed.
  if (host.signal.aborted) throw runCancelled()
  const builder = await prepareBuilder(context, host, engine, access)
  const isLimited = lacksOciExport(builder, engine)
  const { plan: planned, diagnostics } = isLimited ? limitToClassicStore(decided, options) : decided
  const cache = openCache(planned, host.log)
  const fault = await probe
  if (fault) cache.disable({ ...fault, why: host.log.redact(fault.why) })
  const restart = createBuilderRestart(builder, host.processes)
  const isLoaded = options.smokeTest || isLimited
  return {
    diagnostics,
    leavesResources: isLoaded || builder.owned,
    host,
    registry,
    ...(sign && { sign }),
    isEmulated: (architecture) => !isNative(architecture, machine),
    checkBase,
    async build(target, onLine) {
      const emulated = !buildsNatively(builder.nodes, target.architecture, machine)
      const load = isLoaded && { load: localName(target, host.runId) }
      const { layout, ...result } = await buildTarget(
        isLimited ? target : await recordBase(target),
        { builder, cache, engine, options, emulated, lacksOciExport: isLimited, ...load, ...(restart && { restart }) },
        host,
        onLine,
      )
      if (result.status !== 'built' || layout === undefined) return { result }
      return { result, image: { layout, reference: testedReference(result, engine) } }
    },
    async attest(target, image) {
      const layout = join(targetFolder(host.temporary, target), 'attested')
      const paths = { layout, metadata: `${layout}.json` }
      const reproducible = host.environment.SOURCE_DATE_EPOCH !== undefined
      const buildx = { builder, cache: cache.plan(), options, paths, reproducible, workspace: host.workspace }
      const { manifest } = await attest(await recordBase(target), image, buildx, options, host)
      return { layout, digest: manifest.digest }
    },
    unload: async (target) => {
      if (isLoaded) await removeImage(localName(target, host.runId), host.processes)
    },
    release: () => removeBuilder(builder, { engine, host }),
  }
}

/** Throws a Failure (`publish`) that lists all refused names if the login may not push. Asks no registry if nothing is pushed. */
async function checkAccess(plan: Plan, registry: Registry, options: Options, host: Host): Promise<void> {
  if (!options.push) return
  const { checkPushAccess } = await import('./push-access.ts')
  const refused = await checkPushAccess(plan, registry, options, host)
  if (refused.length > 0) throw new Failure('publish', refused)
}

/**
 * Prepares the builder, and QEMU for what runs on this machine: builds on remote nodes do not need it here, tests of their images do.
 * Removes the builder again if anything else fails.
 * @param access rejects if nothing is to be built.
 */
async function prepareBuilder(
  { plan, options }: RunContext,
  host: Host,
  engine: Engine,
  access: Promise<void>,
): Promise<Builder> {
  const architectures = plan.addons.flatMap(({ targets }) => targets.map(({ architecture }) => architecture))
  const { planned, open } = chooseBuilder(options, engine, host)
  const opening = open()
  const emulate = async (): Promise<void> => {
    // The nodes of an existing builder are known only after it was inspected.
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
