import { shareTestNetwork } from './shared-test-network.ts'
import type { Stages } from './stages.ts'

/** The real stages. Their imports are dynamic: a run that does not come to a stage does not load it. */
export const defaultStages: Stages = {
  shareTestNetwork,
  inspectEngine: async (host) => (await import('../docker/engine.ts')).inspectEngine(host),
  openBuildSession: async (context, engine) => (await import('./build-session.ts')).openBuildSession(context, engine),
  openInspector: async (context, session, network) =>
    (await import('./inspect-image.ts')).openInspector(context, session, network),
  async openVersionGate(context, engine) {
    const [{ checkVersions }, { openRegistry }] = await Promise.all([
      import('./version-gate.ts'),
      import('../registry/open.ts'),
    ])
    const { insecureRegistries = [] } = (await engine?.catch(() => undefined)) ?? {}
    return checkVersions(context, openRegistry(context.logins, insecureRegistries, context.host, { attempts: 3 }))
  },
  collectResults: async ({ plan, options, host }) =>
    (await import('./collect-results.ts')).collectResults(plan, options, host),
  async openPublication({ logins, options, host }) {
    const [{ loggedIn }, { openSigner }, { openRegistry }] = await Promise.all([
      import('./logged-in.ts'),
      import('../cosign/sign.ts'),
      import('../registry/open.ts'),
    ])
    const sign = await openSigner(options, [], await loggedIn(logins, host))
    return { registry: openRegistry(logins, [], host), ...(sign && { sign }) }
  },
  publishImages: async (request) => (await import('./publish-images.ts')).publishImages(request),
  async checkPulls(published, { options, host }, engine) {
    const [{ checkPulls }, { openAnonymousRegistry }] = await Promise.all([
      import('./pull-check.ts'),
      import('../registry/open.ts'),
    ])
    const { insecureRegistries = [] } = (await engine?.catch(() => undefined)) ?? {}
    return checkPulls(published, options, host, openAnonymousRegistry(insecureRegistries, host))
  },
  pushByDigest: async (request) => (await import('./publish-images.ts')).pushByDigest(request),
  writeResults: async (request) => (await import('./publish-images.ts')).writeResults(request),
  deliverReport: async (report, delivery, host, outputs) =>
    (await import('./deliver-report.ts')).deliverReport(report, delivery, host, outputs),
  postForkComment: async (options, host, outputs) =>
    (await import('./comment-from-artifact.ts')).postForkComment(options, host, outputs),
  removeTraces: async (host) => (await import('../build/cleanup.ts')).removeTraces(host, host),
}
