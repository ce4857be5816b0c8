import { enumerate } from '../../core/text.ts'
import type { ImageMeasure } from '../../image/measure.ts'
import { clause, shortCommit, shortDigest } from '../figures.ts'
import type { Report } from '../model/report.ts'
import type { Row } from '../rows.ts'
import { code, link, prose } from './markdown.ts'

const methods: Readonly<Record<ImageMeasure['method'], string>> = {
  'oci-layout': 'read from the built images',
  archive: 'read from image archives',
  registry: 'read from registry manifests',
}

/** The baseline, how sizes were measured, and a link to the run. */
export function footer(report: Report, rows: readonly Row[]): string {
  const { run } = report
  const page = repositoryPage(run.url)
  const commit = run.headSha ?? run.sha
  const { publication, verdict } = report
  const parts = [
    comparedWith(rows, page),
    measuredBy(rows),
    verdict.passed && publication.status === 'not-published' && `not published: ${prose(clause(publication.reason))}`,
    commit !== '' && `commit ${commitLink(commit, page)}`,
    run.url !== '' && link('run and full report', run.url),
  ].filter((part) => part !== undefined && part !== false)
  return parts.length === 0 ? '' : `<sub>${parts.join(' · ').replace(/^[a-z]/, (letter) => letter.toUpperCase())}</sub>`
}

function comparedWith(rows: readonly Row[], page: string | undefined): string | undefined {
  const baselines = rows.flatMap(({ target }) =>
    target.size?.baseline ? [{ architecture: target.architecture, ...target.size.baseline }] : [],
  )
  if (baselines.length === 0) return undefined
  // The key of a cache entry means nothing to a reader.
  const names = unique(
    baselines.map(({ source, reference, chosen, architecture }) =>
      source === 'cache' && chosen !== undefined ? prose(chosen) : code(reference.replaceAll(architecture, '{arch}')),
    ),
  )
  const links = unique(baselines.flatMap(({ commit }) => commit ?? [])).map((commit) => commitLink(commit, page))
  // The digests of many images would fill the footer; the details and report.json have them.
  const digests =
    baselines.length > 5
      ? []
      : baselines.map(({ architecture, measure }) => `${architecture} ${code(shortDigest(measure.manifestDigest))}`)
  const chosen = unique(baselines.flatMap(({ source, chosen: how }) => (source === 'cache' ? [] : (how ?? []))))
  const inside = [
    // If the reason differs between images, it is in the details of each image.
    ...(chosen.length === 1 ? chosen.map(prose) : []),
    ...(links.length > 0 ? [`commit ${enumerate(links, 2)}`] : []),
    ...digests,
  ]
  return `compared with ${enumerate(names, 2)}${inside.length > 0 ? ` (${inside.join(', ')})` : ''}`
}

function measuredBy(rows: readonly Row[]): string | undefined {
  const used = unique(rows.flatMap(({ target }) => target.size?.measure.method ?? [])).map((method) => methods[method])
  return used.length === 0 ? undefined : `before, after and reduction are download sizes, ${used.join(' and ')}`
}

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)]

/** The page of the repository, from that of the run. */
const repositoryPage = (runUrl: string): string | undefined => /^(https?:\/\/.+)\/actions\/runs\//.exec(runUrl)?.[1]

const commitLink = (commit: string, page: string | undefined): string => {
  const label = code(shortCommit(commit))
  return page !== undefined && /^[0-9a-f]{40}$/.test(commit) ? link(label, `${page}/commit/${commit}`) : label
}
