import { count } from '../../core/text.ts'
import type { ImageMeasure } from '../../image/measure.ts'
import { textColumns } from '../columns.ts'
import { duration, formatBytes, shortDigest, size } from '../figures.ts'
import { iconOf } from '../headline.ts'
import { findingsOf } from '../markdown/audit.ts'
import { emulatedSteps, emulationAdvice, sentenceOf } from '../markdown/build-times.ts'
import { sharedChanges } from '../markdown/changes.ts'
import { contextInWords, excludable } from '../markdown/context.ts'
import { commandOf, layerOrigin, wasteReasons } from '../markdown/details.ts'
import { smokeLines } from '../markdown/evidence.ts'
import { gateNames, type SharedReason, sharedReasons } from '../markdown/reasons.ts'
import type { Report } from '../model/report.ts'
import type { Row } from '../rows.ts'
import { anchor, escaped, sentence } from './escape.ts'

/** One cell of a table: HTML, and whether it is a figure. */
interface Cell {
  readonly html: string
  readonly number?: boolean
  readonly kind?: 'more' | 'less' | undefined
}

const text = (value: string): Cell => ({ html: escaped(value) })
const code = (value: string): Cell => ({ html: value === '' ? '' : `<code>${escaped(value)}</code>` })
const number = (value: string): Cell => ({ html: escaped(value), number: true })

function tableOf(caption: string, titles: readonly Cell[], rows: readonly (readonly Cell[])[]): string {
  const head = titles
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
  if (rows.length === 0) return ''
  const columns = textColumns(rows, several)
  const table = tableOf(
    'Before, after and reduction are download sizes.',
    columns.map(({ title, right }) => ({ html: escaped(title), number: right === true })),
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
  return `<section aria-labelledby="images"><h2 id="images">Images</h2>${table}</section>`
}

export function reasonsSection({ verdict }: Report, several: boolean): string {
  const item = (icon: string, { names, gate, message }: SharedReason): string =>
    `<li>${icon} ${names.map((name) => `<code>${escaped(name)}</code> `).join('')}${escaped(gateNames[gate])}: ${sentence(message)}</li>`
  const items = [
    ...sharedReasons(verdict.reasons, several).map((reason) => item(iconOf('failed'), reason)),
    ...sharedReasons(verdict.warnings, several).map((reason) => item(iconOf('warned'), reason)),
  ]
  return items.length === 0
    ? ''
    : `<section aria-labelledby="why"><h2 id="why">Failures and warnings</h2><ul class="reasons">${items.join('')}</ul></section>`
}

export function evidenceSection(rows: readonly Row[], several: boolean): string {
  const parts = rows.flatMap((row) => {
    const { build, smoke } = row.target
    if (build.status === 'failed')
      return block(`${nameOf(row, several)}: end of the build log`, build.log.length > 0 ? build.log : [build.reason])
    if (smoke?.status === 'failed') return block(`${nameOf(row, several)}: container output`, smokeLines(smoke, 200))
    return []
  })
  return parts.length === 0
    ? ''
    : `<section aria-labelledby="evidence"><h2 id="evidence">Logs</h2>${parts.join('')}</section>`
}

const nameOf = ({ addon, target }: Row, several: boolean): string =>
  several ? `${addon} ${target.architecture}` : target.architecture

const block = (title: string, lines: readonly string[]): string =>
  `<details open><summary>${escaped(title)}</summary><pre tabindex="0">${escaped(lines.join('\n'))}</pre></details>`

export function changesSection(rows: readonly Row[], several: boolean): string {
  const items = sharedChanges(rows, several, { images: 60, most: 30 }).map(
    ({ names, text: change }) => `<li>${names.map((name) => code(name).html).join(' ')} ${sentence(change)}</li>`,
  )
  return items.length === 0
    ? ''
    : `<section aria-labelledby="changes"><h2 id="changes">What changed</h2><p class="soft">Sizes on disk, unless marked “to download”.</p><ul class="reasons">${items.join('')}</ul></section>`
}

export function auditSection(report: Report): string {
  const findings = findingsOf(report)
  if (findings.length === 0) return ''
  const table = tableOf(
    count(findings.length, 'finding'),
    [text('Severity'), text('Rule'), text('Finding'), text('Fix'), text('Where'), text('Saves')],
    findings.map(({ severity, rule, message, fix, where, bytes, link }) => [
      text(severity),
      { html: link === undefined ? code(rule).html : anchor(code(rule).html, link) },
      { html: sentence(message) },
      { html: sentence(fix) },
      code(where ? `${where.file}:${where.line}` : ''),
      number(bytes === undefined ? '' : formatBytes(bytes)),
    ]),
  )
  return `<section aria-labelledby="audit"><h2 id="audit">Audit</h2>${table}</section>`
}

/** The size of each build context, and which of its files hardly belong in an image. */
export function contextsSection({ addons }: Report): string {
  const contexts = addons.flatMap(({ contexts: all }) => all ?? [])
  const parts = contexts.map((context) => {
    const { folder, exclude, largestFiles } = context
    const more = excludable(context)
    const summary = `<p>${code(folder).html} ${escaped(contextInWords(context))}.${more ? ` Another ${escaped(formatBytes(more.bytes))} could be excluded.` : ''}</p>`
    const tables = [
      ...(more
        ? [
            tableOf(
              'Also worth excluding',
              [
                text('Line for .dockerignore'),
                { html: 'Files', number: true },
                { html: 'Bytes', number: true },
                text('Why'),
              ],
              exclude.map(({ pattern, files, bytes, reason }) => [
                code(pattern),
                number(String(files)),
                number(formatBytes(bytes)),
                text(reason),
              ]),
            ),
          ]
        : []),
      ...(largestFiles.length > 0
        ? [
            `<details><summary>Largest files that may be sent to the builder</summary>${tableOf(
              'The maximum: BuildKit requests only the files that the Dockerfile copies',
              [{ html: 'Bytes', number: true }, text('Path')],
              largestFiles.map(({ path, bytes }) => [number(formatBytes(bytes)), code(path)]),
            )}</details>`,
          ]
        : []),
    ]
    return summary + tables.join('')
  })
  return parts.length === 0
    ? ''
    : `<section aria-labelledby="context"><h2 id="context">Build context</h2>${parts.join('')}</section>`
}

/** Steps that were slow because of emulation, and how to avoid that. */
export function emulationSection(rows: readonly Row[]): string {
  const lines = emulatedSteps(rows).slice(0, 20).map(sentenceOf)
  if (lines.length === 0) return ''
  const items = [...lines, emulationAdvice].map((line) => `<li>${sentence(line)}</li>`)
  return `<section aria-labelledby="emulation"><h2 id="emulation">Slow under emulation</h2><ul class="reasons">${items.join('')}</ul></section>`
}

/** Layers, waste, duplicates, smoke checks and build steps of each image, readable without the script and in print. */
export function detailsSection(rows: readonly Row[], several: boolean): string {
  const parts = rows.map((row) => {
    const content = [notes(row), checks(row), layers(row), waste(row), duplicates(row), steps(row)].filter(
      (part) => part !== '',
    )
    return content.length === 0
      ? ''
      : `<details><summary>${escaped(nameOf(row, several))}</summary>${content.join('')}</details>`
  })
  return parts.every((part) => part === '')
    ? ''
    : `<section aria-labelledby="details"><h2 id="details">Details</h2>${parts.join('')}</section>`
}

function notes({ target }: Row): string {
  const result = target.size
  const lines = [
    ...(target.sizeError === undefined ? [] : [`Not measured: ${target.sizeError}`]),
    ...(result
      ? [
          `Manifest ${result.measure.manifestDigest}, config ${result.measure.configDigest}`,
          ...(result.baseline
            ? [
                `Compared with ${result.baseline.reference} (${result.baseline.source}${result.baseline.chosen ? `, ${result.baseline.chosen}` : ''}${result.baseline.commit ? `, commit ${result.baseline.commit}` : ''}), manifest ${result.baseline.measure.manifestDigest}`,
              ]
            : [result.noBaseline ?? 'Not compared.']),
          ...(result.comparison?.caveats ?? []),
          ...result.budgets.map(({ message }) => message),
        ]
      : []),
  ]
  return lines.length === 0 ? '' : `<ul class="soft">${lines.map((line) => `<li>${sentence(line)}</li>`).join('')}</ul>`
}

function checks({ target: { smoke } }: Row): string {
  if (!smoke) return ''
  return tableOf(
    `Smoke test: ${smoke.reason}`,
    [text('Check'), text('Result'), text('Why'), { html: 'Time', number: true }],
    smoke.checks.map(({ name, status, reason, durationMs }) => [
      text(name),
      text(status),
      text(reason),
      number(durationMs === undefined ? '' : duration(durationMs)),
    ]),
  )
}

function layers({ target: { size: result } }: Row): string {
  if (!result) return ''
  const known = new Set(result.baseline?.measure.layers.map(({ diffId }) => diffId))
  return tableOf(
    count(result.measure.layers.length, 'layer'),
    [
      { html: '#', number: true },
      { html: 'Download', number: true },
      { html: 'On disk', number: true },
      text('On the device'),
      text('Dockerfile'),
      text('Created by'),
      text('Digest'),
    ],
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
  const entries = result?.measure.contents?.waste ?? []
  if (entries.length === 0) return ''
  return tableOf(
    `Wasted bytes, hidden by later layers: ${formatBytes(result?.measure.contents?.hidden ?? 0)}`,
    [{ html: 'Bytes', number: true }, text('Path'), text('Why'), text('Written by'), text('Hidden by')],
    entries
      .slice(0, 100)
      .map(({ path, bytes, reason, writtenBy, hiddenBy }) => [
        number(formatBytes(bytes)),
        code(path),
        text(wasteReasons[reason]),
        stepCell(result?.measure, writtenBy),
        stepCell(result?.measure, hiddenBy),
      ]),
  )
}

/** The Dockerfile line of a layer and its instruction. */
const stepCell = (measure: ImageMeasure | undefined, index: number): Cell =>
  measure
    ? { html: `${escaped(layerOrigin(measure, index))} ${code(commandOf(measure.layers[index]?.createdBy)).html}` }
    : text('')

function duplicates({ target: { size: result } }: Row): string {
  const groups = result?.measure.contents?.duplicates ?? []
  if (groups.length === 0) return ''
  return tableOf(
    'Duplicate files',
    [{ html: 'Each', number: true }, { html: 'Copies', number: true }, text('Paths')],
    groups
      .slice(0, 50)
      .map(({ bytes, copies, paths }) => [number(formatBytes(bytes)), number(String(copies)), code(paths.join('  '))]),
  )
}

function steps({ target: { build } }: Row): string {
  if (build.status !== 'built' || build.steps.length === 0) return ''
  return tableOf(
    `Build: ${duration(build.durationMs)}, ${build.cache.hits} of ${build.cache.total} steps from the cache${build.emulated ? ', emulated' : ''}`,
    [text('Step'), { html: 'Time', number: true }, text('From')],
    build.steps.map(({ name, durationMs, cached }) => [
      code(name),
      number(duration(durationMs)),
      text(cached ? 'cache' : ''),
    ]),
  )
}
