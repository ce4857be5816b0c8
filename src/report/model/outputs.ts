import { metadataOf } from './metadata.ts'
import type { Report, TargetReport } from './report.ts'

/** The outputs of the step that are made from the report. Each is text; several values are JSON. */
export function outputsOf(report: Report): ReadonlyMap<string, string> {
  const { addons } = report
  const targets = addons.flatMap((addon) => addon.targets)
  const [only] = addons.length === 1 ? addons : []
  const images = targets.map(imageOf)
  return new Map([
    ['version', only?.version ?? ''],
    ['images', JSON.stringify(images)],
    // For job outputs: a runner drops an output that contains a secret, and the user name of a registry is often a secret.
    ['images-without-names', JSON.stringify(images.map(({ image, ...rest }) => rest))],
    ['digests', JSON.stringify(only ? digestsOf(only.targets) : {})],
    ['manifest-digest', only?.manifest?.digest ?? ''],
    ['digest', only?.manifest?.digest ?? ''],
    ['metadata', JSON.stringify(metadataOf(addons))],
    ['size-regression', String(targets.some(({ size }) => size?.budgets.some(({ over }) => over)))],
    ['smoke', smokeOf(targets)],
  ])
}

const imageOf = ({ addon, architecture, platform, image, tags, build, size, published }: TargetReport) => ({
  addon,
  architecture,
  platform,
  image,
  tags,
  built: build.status === 'built',
  ...(build.status === 'built' && { configDigest: build.configDigest }),
  ...(published && { digest: published }),
  ...(size && {
    download: size.measure.download,
    ...('bytes' in size.measure.onDisk && { onDisk: size.measure.onDisk.bytes }),
  }),
})

const digestsOf = (targets: readonly TargetReport[]): Record<string, string> =>
  Object.fromEntries(targets.flatMap(({ architecture, published }) => (published ? [[architecture, published]] : [])))

/** `failed` if one test failed; `skipped` only if none was started. */
function smokeOf(targets: readonly TargetReport[]): 'passed' | 'failed' | 'skipped' {
  const states = targets.flatMap(({ smoke }) => (smoke ? [smoke.status] : []))
  if (states.includes('failed')) return 'failed'
  return states.includes('passed') ? 'passed' : 'skipped'
}
