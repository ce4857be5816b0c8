import { formatDuration } from '../../core/duration.ts'
import { count } from '../../core/text.ts'
import type { ImageMeasure } from '../../image/measure.ts'
import type { Baseline } from '../../size/result.ts'
import { textColumns } from '../columns.ts'
import { formatBytes, shortDigest, size } from '../figures.ts'
import { iconOf } from '../headline.ts'
import { findingsOf } from '../markdown/audit.ts'
import { emulatedSteps, emulationAdvice, sentenceOf } from '../markdown/build-times.ts'
import { sharedChanges } from '../markdown/changes.ts'
import { contextInWords, excludableBytes } from '../markdown/context.ts'
import { commandOf, layerOrigin, wasteReasons } from '../markdown/details.ts'
import { smokeLogs } from '../markdown/evidence.ts'
import { gateName, placeOf, renderWords, type SharedReason, sharedReasons } from '../markdown/reasons.ts'
import type { Report } from '../model/report.ts'
import type { Row } from '../rows.ts'
import { anchor, escaped, sentence } from './escape.ts'

/** One cell of a table: HTML, and whether it is a number. */
interface Cell {
  readonly html: string
  readonly number?: boolean
  readonly kind?: 'more' | 'less' | undefined
}

type Title = string | Cell

const text = (value: string): Cell => ({ html: escaped(value) })
const code = (value: string): Cell => ({ html: value === '' ? '' : `<code>${escaped(value)}</code>` })
const number = (value: string): Cell => ({ html: escaped(value), number: true })

/** A section with a heading; empty without content. */
const section = (id: string, title: string, content: string): string =>
  content === '' ? '' : `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`

/** Items of HTML; empty without any. */
const listOf = (kind: string, items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul class="${kind}">${items.map((item) => `<li>${item}</li>`).join('')}</ul>`

/** A table; empty without rows. */
const tableOf = (caption: string, titles: readonly Title[], rows: readonly (readonly Cell[])[]): string =>
  rows.length === 0 ? '' : headedTable(caption, titles, rows)

function headedTable(caption: string, titles: readonly Title[], rows: readonly (readonly Cell[])[]): string {
  const head = titles
    .map((title) => (typeof title === 'string' ? text(title) : title))
    .map(({ html, number }) => `<th scope="col"${number ? ' class="number"' : ''}>${html}</th>`)
    .join('')
  const body = rows.map(
    ([first, ...rest]) =>
      `<tr><th scope="row"${first?.number ? ' class="number"' : ''}>${first?.html ?? ''}</th>${rest.map(cellOf).join('')}</tr>`,
  )
  return `<div class="scroll"><table><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}

function cellOf({ html, number, kind }: Cell): string {
  const classes = [number ? 'number' : '', kind ?? ''].filter((name) => name !== '').join(' ')
  return `<td${classes ? ` class="${classes}"` : ''}>${html}</td>`
}

/** The table of images, as in the comment. */
export function imagesSection(rows: readonly Row[], several: boolean): string {
  const columns = textColumns(rows, several)
  const table = tableOf(
    'Before, after and reduction are download sizes.',
    columns.map(({ title, right }) => (right ? number(title) : title)),
    rows.map((row) =>
      columns.map(({ title, text: show, right }) => ({
        html: `${title === 'Architecture' && row.state !== 'passed' ? `${iconOf(row.state)} ` : ''}${escaped(show(row))}`,
        number: right === true,
        ...(title === 'Reduction' &&
          row.changeKind === 'changed' && {
            kind: (row.change?.bytes ?? 0) > 0 ? ('more' as const) : ('less' as const),
          }),
      })),
    ),
  )
  return section('images', 'Images', table)
}

export function reasonsSection({ verdict }: Report, several: boolean): string {
  const item = (icon: string, { names, gate, message, where, remedy }: SharedReason): string => {
    const images = names.map((name) => `<code>${escaped(name)}</code> `).join('')
    const place = where ? ` (${code(placeOf(where)).html})` : ''
    const advice = remedy === undefined ? '' : ` ${renderWords(remedy, escaped, (url) => anchor(escaped(url), url))}`
    return `${icon} ${images}${gateName(gate)}: ${sentence(message)}${place}${advice}`
  }
  const items = [
    ...sharedReasons(verdict.reasons, several).map((reason) => item(iconOf('failed'), reason)),
    ...sharedReasons(verdict.warnings, several).map((reason) => item(iconOf('warned'), reason)),
  ]
  return section('why', 'Failures and warnings', listOf('reasons', items))
}

export function evidenceSection(rows: readonly Row[], several: boolean): string {
  const parts = rows.flatMap((row) => {
    const { build, smoke } = row.target
    if (build.status === 'failed')
      return block(`${nameOf(row, several)}: end of the build log`, build.log.length > 0 ? build.log : [build.reason])
    return smokeLogs(smoke, 200).map(({ title, lines }) => block(`${nameOf(row, several)}: ${title}`, lines))
  })
  return section('evidence', 'Logs', parts.join(''))
}

const nameOf = ({ addon, target }: Row, several: boolean): string =>
  several ? `${addon} ${target.architecture}` : target.architecture

const block = (title: string, lines: readonly string[]): string =>
  `<details open><summary>${escaped(title)}</summary><pre tabindex="0">${escaped(lines.join('\n'))}</pre></details>`

export function changesSection(rows: readonly Row[], several: boolean): string {
  const items = sharedChanges(rows, several, { images: 60, most: 30 }).map(
    ({ names, text: change }) => `${names.map((name) => code(name).html).join(' ')} ${sentence(change)}`,
  )
  if (items.length === 0) return ''
  const note = '<p class="soft">Sizes on disk, unless marked “to download”.</p>'
  return section('changes', 'What changed', note + listOf('reasons', items))
}

export function auditSection(report: Report): string {
  const findings = findingsOf(report)
  const table = tableOf(
    count(findings.length, 'finding'),
    ['Severity', 'Rule', 'Finding', 'Fix', 'Where', 'Saves'],
    findings.map(({ severity, rule, message, fix, where, bytes, link }) => [
      text(severity),
      { html: link === undefined ? code(rule).html : anchor(code(rule).html, link) },
      { html: sentence(message) },
      { html: sentence(fix) },
      code(where ? `${where.file}:${where.line}` : ''),
      number(bytes === undefined ? '' : formatBytes(bytes)),
    ]),
  )
  return section('audit', 'Audit', table)
}

/** The size of each build context, and which of its files hardly belong in an image. */
/** The commands that verify the signatures. */
export const verifySection = ({ publication }: Report): string =>
  publication.status === 'published' && publication.verify
    ? section('verify', 'Verify the signatures', `<pre tabindex="0">${escaped(publication.verify.join('\n'))}</pre>`)
    : ''

export function contextsSection({ addons }: Report): string {
  const contexts = addons.flatMap(({ contexts: all }) => all ?? [])
  const parts = contexts.map((context) => {
    const { folder, exclude, largestFiles } = context
    const more = excludableBytes(context)
    const another = more === undefined ? '' : ` Another ${escaped(formatBytes(more))} could be excluded.`
    const summary = `<p>${code(folder).html} ${escaped(contextInWords(context))}.${another}</p>`
    const excluded = tableOf(
      'Also worth excluding',
      ['Line for .dockerignore', number('Files'), number('Bytes'), 'Why'],
      exclude.map(({ pattern, files, bytes, reason }) => [
        code(pattern),
        number(String(files)),
        number(formatBytes(bytes)),
        text(reason),
      ]),
    )
    const largest = tableOf(
      'The maximum: BuildKit requests only the files that the Dockerfile copies',
      [number('Bytes'), 'Path'],
      largestFiles.map(({ path, bytes }) => [number(formatBytes(bytes)), code(path)]),
    )
    return summary + excluded + folded('Largest files that may be sent to the builder', largest)
  })
  return section('context', 'Build context', parts.join(''))
}

/** Steps that were slow because of emulation, and how to avoid that. */
export function emulationSection(rows: readonly Row[]): string {
  const lines = emulatedSteps(rows).slice(0, 20).map(sentenceOf)
  const items = lines.length === 0 ? [] : [...lines, emulationAdvice].map(sentence)
  return section('emulation', 'Slow under emulation', listOf('reasons', items))
}

/** Layers, waste, duplicates, smoke checks and build steps of each image, readable without the script and in print. */
export function detailsSection(rows: readonly Row[], several: boolean): string {
  const parts = rows.map((row) =>
    folded(nameOf(row, several), notes(row) + checks(row) + layers(row) + waste(row) + duplicates(row) + steps(row)),
  )
  return section('details', 'Details', parts.join(''))
}

/** Collapsed under a title; empty without content. */
const folded = (title: string, content: string): string =>
  content === '' ? '' : `<details><summary>${escaped(title)}</summary>${content}</details>`

function notes({ target }: Row): string {
  if (!target.size)
    return listOf('soft', target.sizeError === undefined ? [] : [sentence(`Not measured: ${target.sizeError}`)])
  const { measure, baseline, noBaseline = 'Not compared.', comparison, budgets } = target.size
  const lines = [
    `Manifest ${measure.manifestDigest}, config ${measure.configDigest}`,
    baseline ? comparedWith(baseline) : noBaseline,
    ...(comparison?.caveats ?? []),
    ...budgets.map(({ message }) => message),
  ]
  return listOf('soft', lines.map(sentence))
}

function comparedWith({ reference, source, chosen, commit, measure }: Baseline): string {
  const how = [source, ...(chosen ? [chosen] : []), ...(commit ? [`commit ${commit}`] : [])].join(', ')
  return `Compared with ${reference} (${how}), manifest ${measure.manifestDigest}`
}

function checks({ target: { smoke } }: Row): string {
  if (!smoke) return ''
  return headedTable(
    `Smoke test: ${smoke.reason}`,
    ['Check', 'Result', 'Why', number('Time')],
    smoke.checks.map(({ name, status, reason, durationMs }) => [
      text(name),
      text(status),
      text(reason),
      number(durationMs === undefined ? '' : formatDuration(durationMs)),
    ]),
  )
}

function layers({ target: { size: result } }: Row): string {
  if (!result) return ''
  const known = new Set(result.baseline?.measure.layers.map(({ diffId }) => diffId))
  return tableOf(
    count(result.measure.layers.length, 'layer'),
    [number('#'), number('Download'), number('On disk'), 'On the device', 'Dockerfile', 'Created by', 'Digest'],
    result.measure.layers.map(({ download, onDisk, createdBy, digest, diffId }, index) => [
      number(String(index + 1)),
      number(formatBytes(download)),
      number(size(onDisk)),
      text(known.size === 0 ? '' : known.has(diffId) ? 'already' : 'new'),
      text(layerOrigin(result.measure, index)),
      code(commandOf(createdBy)),
      code(shortDigest(digest)),
    ]),
  )
}

function waste({ target: { size: result } }: Row): string {
  if (!result?.measure.contents) return ''
  const { measure } = result
  const { waste, hidden } = result.measure.contents
  return tableOf(
    `Wasted bytes, hidden by later layers: ${formatBytes(hidden)}`,
    [number('Bytes'), 'Path', 'Why', 'Written by', 'Hidden by'],
    waste
      .slice(0, 100)
      .map(({ path, bytes, reason, writtenBy, hiddenBy }) => [
        number(formatBytes(bytes)),
        code(path),
        text(wasteReasons[reason]),
        stepCell(measure, writtenBy),
        stepCell(measure, hiddenBy),
      ]),
  )
}

/** The Dockerfile line of a layer and its instruction. */
const stepCell = (measure: ImageMeasure, index: number): Cell => ({
  html: `${escaped(layerOrigin(measure, index))} ${code(commandOf(measure.layers[index]?.createdBy)).html}`,
})

function duplicates({ target: { size: result } }: Row): string {
  const groups = result?.measure.contents?.duplicates ?? []
  return tableOf(
    'Duplicate files',
    [number('Each'), number('Copies'), 'Paths'],
    groups
      .slice(0, 50)
      .map(({ bytes, copies, paths }) => [number(formatBytes(bytes)), number(String(copies)), code(paths.join('  '))]),
  )
}

function steps({ target: { build } }: Row): string {
  if (build.status !== 'built') return ''
  return tableOf(
    `Build: ${formatDuration(build.durationMs)}, ${build.cache.hits} of ${build.cache.total} steps from the cache${build.emulated ? ', emulated' : ''}`,
    ['Step', number('Time'), 'From'],
    build.steps.map(({ name, durationMs, cached }) => [
      code(name),
      number(formatDuration(durationMs)),
      text(cached ? 'cache' : ''),
    ]),
  )
}
