import pLimit from 'p-limit'
import { workspaceFiles } from '../addon/files.ts'
import { readText } from '../addon/yaml/text.ts'
import { openContexts } from '../context/open.ts'
import { readResolvedDockerfile } from '../dockerfile/resolve.ts'
import { inspectImage, measureImage } from '../image/image.ts'
import { smallestInTree } from '../image/limits.ts'
import type { ImageMeasure } from '../image/measure.ts'
import type { ImageNotes } from '../image/notes.ts'
import { layoutSource } from '../image/sources/layout.ts'
import type { BlobSource } from '../image/sources/source.ts'
import type { Target } from '../plan/plan.ts'
import { withBase, withBaseOf } from '../size/base.ts'
import { baseLayers, loadBaselines } from '../size/baseline.ts'
import { budgetsFor, judgeSize } from '../size/budget.ts'
import { compare } from '../size/compare.ts'
import { withDockerfileLines } from '../size/dockerfile-lines.ts'
import { openSizeCache } from './github-services.ts'
import type { BuildSession, Inspector, RunContext, SharedTestNetwork } from './stages.ts'

/**
 * While one image is decompressed, the files of others are hashed. More images are not faster (measured on 2 cores), and each list of files takes
 * memory: `worst.integration.test.ts` limits that of three.
 */
const imagesAtOnce = 3

/**
 * Tests and measures the images of this run. Baselines and build contexts are read now, while the builds run;
 * the smoke test is loaded only if it is wanted.
 */
export async function openInspector(
  { plan, options }: RunContext,
  session: BuildSession,
  network: SharedTestNetwork,
): Promise<Inspector> {
  const { host } = session
  const targets = plan.addons.flatMap((addon) => addon.targets)
  const versioned = plan.addons.flatMap(({ targets: all, version }) => all.map((target) => ({ ...target, version })))
  const queue = pLimit(imagesAtOnce)
  const cache = await openSizeCache(options, host)
  const baselines = loadBaselines(versioned, options.baseline, {
    registry: session.registry,
    host,
    queue,
    ...(cache && { cache }),
  })
  const bases = new Map(targets.map((target) => [target.id, baseLayers(target, session.registry, host.signal)]))
  const smoke = options.smokeTest ? await import('../smoke/smoke-test.ts') : undefined
  const resources = smoke && { openNetwork: network.open, containers: smoke.limitContainers(options) }
  const contextOf = openContexts(host)
  const contexts = new Map(targets.map((target) => [target.id, contextOf(target)]))
  const audit =
    options.audit === 'off' ? undefined : (await import('../audit/open.ts')).openAudit(options, host, contextOf)
  // Not awaited if all builds fail; a rejection must not count as unhandled.
  for (const context of contexts.values()) context.catch(() => {})

  /** One pass over the layers gives the sizes, and the notes that the audit needs. */
  const read = async (target: Target, source: BlobSource): Promise<{ measure: ImageMeasure; notes?: ImageNotes }> => {
    const setting = { treeFrom: smallestInTree, queue, signal: host.signal }
    return audit
      ? inspectImage(source, target.platform, setting)
      : { measure: await measureImage(source, target.platform, setting) }
  }

  return {
    ...(smoke && {
      test: (target: Target, reference: string, emulated: boolean) =>
        smoke.smokeTest({ target, reference, emulated }, options, host, resources),
    }),
    describe: (result) => smoke?.describeSmoke(result) ?? [],
    measure: async (target, layout, warnings) => {
      const source = layoutSource(layout)
      const [{ measure: plain, notes }, found, base, dockerfile, sent] = await Promise.all([
        read(target, source),
        baselines(target),
        bases.get(target.id),
        readText(target.dockerfile, workspaceFiles(host.workspace)),
        contexts.get(target.id),
      ])
      const based = base ? withBase(plain, base.reference, base.diffIds) : plain
      const measure = withDockerfileLines(
        based,
        dockerfile && 'text' in dockerfile
          ? readResolvedDockerfile(dockerfile.text, target.dockerfile, target)
          : undefined,
      )
      const baseline =
        'baseline' in found ? { ...found.baseline, measure: withBaseOf(found.baseline.measure, measure) } : undefined
      const comparison = baseline && compare(measure, baseline)
      const size = {
        measure,
        ...(baseline ? { baseline } : { noBaseline: 'none' in found ? found.none : '' }),
        ...(comparison && { comparison }),
        budgets: judgeSize(measure, comparison, budgetsFor(options, target.architecture)),
      }
      const context = sent && { folder: target.context, dockerfile: target.dockerfile, ...sent }
      const measured = { size, ...(context && { context }) }
      if (!audit || !notes) return measured
      return { ...measured, audit: await audit(target, { image: { source, measure, notes }, warnings }) }
    },
  }
}
