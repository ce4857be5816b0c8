import { isMap, isSeq, type Pair, type YAMLMap } from 'yaml'
import type { Edit } from './edits.ts'
import { mentions, onlyExpression, timesUsed, uses } from './expressions.ts'
import { inputEdits, type NewInputs, type Reason, type Settings } from './successor-inputs.ts'
import {
  checkPublish,
  type Doubt,
  dependentEdits,
  ownerPrefix,
  preparing,
  type Trio,
  usableIn,
} from './successor-publish.ts'
import type { Job } from './workflow-steps.ts'
import { pairOf, scalarText, type YamlText } from './yaml-text.ts'

/** The result for the three jobs: one step for all architectures. */
export interface Joined {
  readonly inputs: NewInputs
  readonly edits: readonly Edit[]
  readonly removedJobs: readonly string[]
  /** The jobs ran on a runner for each architecture. */
  readonly wasNative: boolean
  readonly reasons: readonly Reason[]
}

/** With this action's placeholder instead of the matrix's architecture. */
export const withoutMatrix = (text: string): string => text.replaceAll(matrixArch, '{arch}')

const matrixArch = /\$\{\{\s{0,8}matrix\.arch\s{0,8}\}\}/g

/**
 * One step instead of three jobs, if it is certain that it does the same. Otherwise the reasons why not, and the inputs of the step as far as
 * they are known.
 */
export function joinJobs(page: YamlText, jobs: readonly Job[], trio: Trio, settings: Settings): Joined {
  const { prepare, build, publish } = trio
  const reasons: Reason[] = []
  const edits: Edit[] = []
  const doubt = (text: string, at: unknown): void => {
    reasons.push({ text, at })
  }
  const inputs = joinedInputs(page, trio, settings, doubt)
  const building = buildJobEdits(page, trio, doubt)
  edits.push(...building.edits)
  if (publish) checkPublish(page, trio, doubt)
  const others = jobs.filter(
    ({ name }) => name !== prepare.job.name && name !== build.job.name && name !== publish?.job.name,
  )
  const emptied = prepareJobEdits(page, trio, others, doubt)
  edits.push(...emptied.edits)
  const removedJobs = [
    ...(emptied.removed ? [prepare.job.name ?? ''] : []),
    ...(publish ? [publish.job.name ?? ''] : []),
  ]
  const jobsMap = pairOf(page.document.contents, 'jobs')?.value
  for (const job of [emptied.removed ? prepare.job : undefined, publish?.job]) {
    if (!job) continue
    const gone = isMap(jobsMap) ? page.removePairs(jobsMap as YAMLMap, [job.pair], true) : undefined
    if (gone && !(jobsMap as YAMLMap).flow) edits.push(...gone)
    else doubt('the jobs are in braces', job.pair)
  }
  for (const job of [build.job, ...others]) {
    const left = job.needs.filter((name) => !removedJobs.includes(name))
    if (left.length === job.needs.length) continue
    if (job !== build.job) edits.push(...dependentEdits(page, job, trio, doubt))
    const needsBuild = job !== build.job && publish && job.needs.includes(publish.job.name ?? '')
    const now = [...new Set([...left, ...(needsBuild ? [build.job.name ?? ''] : [])])]
    edits.push(...needsEdits(page, job, now, doubt))
  }
  const step = inputEdits(page, build.step, inputs)
  if (step) edits.push(...step)
  else doubt('its inputs are in braces', build.step.map)
  return { inputs, edits, removedJobs, wasNative: building.wasNative, reasons }
}

/** The inputs of the one step. */
function joinedInputs(page: YamlText, { prepare, build, publish }: Trio, settings: Settings, doubt: Doubt): NewInputs {
  const values = new Map<string, string>()
  const given = build.step.inputs ?? new Map<string, string>()
  const matrix = (name: string, key: string): void => {
    if (onlyExpression(given.get(name) ?? '') !== `matrix.${key}`)
      doubt(`"${name}" is not the value of the prepared matrix`, pairOf(build.step.map, 'with') ?? build.step.map)
  }
  matrix('arch', 'arch')
  matrix('image', 'image')
  const text = (name: string, fallback: string): string => prepare.step.inputs?.get(name)?.trim() || fallback
  const here = (name: string, fallback = ''): string => {
    const usable = usableIn(page, build.job, prepare.job, text(name, fallback))
    if (usable === undefined)
      doubt(`"${name}" is an expression that cannot be used in the job "${build.job.name}"`, prepare.step.map)
    return usable ?? text(name, fallback)
  }
  const list = here('architectures')
  const architectures = listOf(list)
  if (architectures === undefined) doubt('"architectures" is neither a list nor an expression', prepare.step.map)
  values.set('arch', architectures ?? list)
  values.set('image', `${here('registry-prefix', ownerPrefix)}/{arch}-${here('image-name')}`)
  for (const name of ['build-args', 'labels', 'image-tags', 'cache-gha-scope']) {
    const own = given.get(name)
    if (own !== undefined && mentions(own, 'matrix')) {
      const filled = withoutMatrix(own)
      if (mentions(filled, 'matrix')) doubt(`"${name}" uses the matrix`, build.step.map)
    }
  }
  for (const [name, own] of given) {
    if (['arch', 'image', 'build-args', 'labels', 'image-tags', 'cache-gha-scope'].includes(name)) continue
    if (mentions(own, 'matrix')) doubt(`"${name}" uses the matrix`, build.step.map)
  }
  return { values, more: [...(publish ? [] : [['multi-arch-image', 'false'] as const]), ...settings.more] }
}

/** A JSON list as `a,b`, or an expression of one as an expression of that. */
function listOf(text: string): string | undefined {
  const expression = onlyExpression(text)
  if (expression !== undefined) return `\${{ join(fromJSON(${expression}), ',') }}`
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string' && /^\w+$/.test(one))
      ? list.join(',')
      : undefined
  } catch {
    return undefined
  }
}

/** The job that builds: no matrix, one runner. */
function buildJobEdits(
  page: YamlText,
  { build }: Trio,
  doubt: Doubt,
): { readonly edits: readonly Edit[]; readonly wasNative: boolean } {
  const { map } = build.job
  const edits: Edit[] = []
  let wasNative = false
  for (const pair of map.items) {
    const name = scalarText(pair.key) ?? ''
    const source = page.source(pair)
    if (name === 'strategy') {
      const extra = isMap(pair.value)
        ? pair.value.items.find(({ key }) => !['matrix', 'fail-fast', 'max-parallel'].includes(scalarText(key) ?? ''))
        : undefined
      const gone = page.removePairs(map, [pair])
      if (extra || !gone) doubt('its strategy has more than the prepared matrix', extra ?? pair)
      else edits.push(...gone)
    } else if (name === 'runs-on') {
      if (!mentions(source, 'matrix')) continue
      wasNative = true
      if (onlyExpression(scalarText(pair.value) ?? '') === 'matrix.os')
        edits.push(page.replace(pair.value, 'ubuntu-latest'))
      else doubt('its "runs-on" uses the matrix', pair)
    } else if (name === 'name') edits.push(...nameEdits(page, pair, doubt))
    else if (name !== 'steps' && (mentions(source, 'matrix') || (name === 'if' && uses(source, 'matrix'))))
      doubt(`its "${name}" uses the matrix`, pair)
  }
  const steps = pairOf(map, 'steps')?.value
  for (const item of isSeq(steps) ? steps.items : []) {
    const name = pairOf(item, 'name')
    if (name) edits.push(...nameEdits(page, name, doubt))
    if (!isMap(item)) {
      doubt('it has a step that is not a map', item)
      continue
    }
    for (const pair of item.items) {
      const key = scalarText(pair.key)
      if (key === 'name' || (item === build.step.map && key === 'with')) continue
      if (mentions(page.source(pair), 'matrix') || (key === 'if' && uses(page.source(pair), 'matrix')))
        doubt('a step of it uses the matrix', pair)
    }
  }
  const inputs = pairOf(build.step.map, 'with')?.value
  for (const name of ['build-args', 'labels', 'image-tags', 'cache-gha-scope']) {
    const pair = pairOf(inputs, name)
    if (!pair) continue
    const from = page.endOf(pair) - page.source(pair).length
    for (const match of page.source(pair).matchAll(matrixArch))
      edits.push({ from: from + match.index, to: from + match.index + match[0].length, text: '{arch}' })
  }
  return { edits, wasNative }
}

/** `Build ${{ matrix.arch }} image` → `Build image`. */
function nameEdits(page: YamlText, pair: Pair, doubt: Doubt): readonly Edit[] {
  const source = page.source(pair.value)
  if (!mentions(source, 'matrix')) return []
  const now = source.replaceAll(matrixArch, '').replaceAll(/ {2,}/g, ' ').trim()
  if (mentions(now, 'matrix') || now === '' || /^["']|[("'[]\s*[)"'\]]/.test(now)) {
    doubt('a name uses the matrix', pair)
    return []
  }
  return [page.replace(pair.value, now)]
}

/** Removes the step from the job that prepares the matrix, or the job if nothing else remains. */
function prepareJobEdits(
  page: YamlText,
  { prepare, output, build, publish }: Trio,
  others: readonly Job[],
  doubt: Doubt,
): { readonly edits: readonly Edit[]; readonly removed: boolean } {
  const { map, name } = prepare.job
  const outputs = pairOf(map, 'outputs')
  const outputPair = pairOf(outputs?.value, output)
  const steps = pairOf(map, 'steps')?.value
  const rest = (isSeq(steps) ? steps.items : []).filter((item) => item !== prepare.step.map)
  const id = scalarText(pairOf(prepare.step.map, 'id')?.value) ?? ''
  const readers = others.filter((job) => uses(page.source(job.pair), `needs.${name}`))
  const matrixName = `needs.${name}.outputs.${output}`
  for (const job of publish ? [...others, publish.job] : others)
    if (uses(page.source(job.pair), matrixName)) doubt('it uses the prepared matrix, too', job.pair)
  if (timesUsed(page.source(build.job.pair), matrixName) > 1) doubt('it uses the prepared matrix twice', build.job.pair)
  for (const item of rest)
    if (uses(page.source(item), `steps.${id}`)) doubt('another step uses the prepared matrix', item)
  if (pairOf(prepare.step.map, 'if')) doubt('the matrix is prepared conditionally', prepare.step.map)
  const left = (isMap(outputs?.value) ? outputs.value.items : []).filter((pair) => pair !== outputPair)
  if (left.some((pair) => uses(page.source(pair), `steps.${id}`))) doubt('the matrix is in several outputs', outputs)
  const idle = rest.every((item) => preparing.test(scalarText(isMap(item) ? item.get('uses', true) : undefined) ?? ''))
  const condition = pairOf(map, 'if')
  if (idle && left.length === 0 && readers.length === 0 && !condition) {
    // The job that builds must wait for all jobs that the removed job waited for.
    if (prepare.job.needs.every((one) => build.job.needs.includes(one))) return { edits: [], removed: true }
  }
  if (rest.length === 0) doubt('it would be empty, but other jobs or a condition depend on it', prepare.job.pair)
  const gone = [
    page.removeItem(prepare.step.map),
    ...(outputs && isMap(outputs.value) && outputPair
      ? ((left.length === 0
          ? page.removePairs(map, [outputs])
          : page.removePairs(outputs.value as YAMLMap, [outputPair])) ?? [undefined])
      : []),
  ]
  if (gone.includes(undefined)) doubt('its steps or outputs are in brackets', prepare.job.pair)
  return { edits: gone.filter((edit) => edit !== undefined), removed: false }
}

function needsEdits(page: YamlText, job: Job, needs: readonly string[], doubt: Doubt): readonly Edit[] {
  const pair = pairOf(job.map, 'needs')
  if (!pair) return []
  const edits = needs.length > 0 ? [replaceValue(page, pair, needs)] : page.removePairs(job.map, [pair])
  if (!edits) doubt('its "needs" cannot be changed', pair)
  return edits ?? []
}

/** From the end of the name, because a list may begin on the next line. */
const replaceValue = (page: YamlText, pair: Pair, names: readonly string[]): Edit => ({
  from: page.endOf(pair.key),
  to: page.endOf(pair),
  text: `: ${names.length === 1 ? names[0] : `[${names.join(', ')}]`}`,
})
