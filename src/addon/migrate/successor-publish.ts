import { isMap, isSeq } from 'yaml'
import type { Edit } from './edits.ts'
import { conditionOf, jobsIn, onlyExpression, replaceExpressions, spaced, uses } from './expressions.ts'
import { scalar } from './successor-inputs.ts'
import type { Job, Step } from './workflow-steps.ts'
import { pairOf, scalarText, type YamlText } from './yaml-text.ts'

/** A step and its job. */
export interface StepOfJob {
  readonly job: Job
  readonly step: Step
}

/** The three jobs of the example in home-assistant/builder: one prepares the matrix, one builds, one joins the images. */
export interface Trio {
  readonly prepare: StepOfJob
  /** The name of the job output that carries the matrix. */
  readonly output: string
  readonly build: StepOfJob
  readonly publish: StepOfJob | undefined
}

/** Records why it is not certain that one step does the same, and where. */
export type Doubt = (text: string, at: unknown) => void

/** Steps that only prepare a machine for the ones of home-assistant/builder. */
export const preparing =
  /^(?:actions\/checkout|docker\/login-action|docker\/setup-buildx-action|docker\/setup-qemu-action|sigstore\/cosign-installer)@/i
/** The default of `registry-prefix`. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub.
export const ownerPrefix = 'ghcr.io/${{ github.repository_owner }}'

/** Checks that the job that joins the images does so for exactly the images that were built. */
export function checkPublish(page: YamlText, { prepare, build, publish }: Trio, doubt: Doubt): void {
  if (!publish) return
  const at = (name: string): unknown => pairOf(pairOf(publish.step.map, 'with')?.value, name) ?? publish.step.map
  const own = (name: string, fallback = ''): string => publish.step.inputs?.get(name)?.trim() || fallback
  for (const name of [
    'container-registry',
    'container-registry-username',
    'container-registry-password',
    'cosign',
    'image-tags',
  ]) {
    if (spaced(own(name)) !== spaced(build.step.inputs?.get(name)?.trim() ?? ''))
      doubt(`"${name}" differs from that of the job "${build.job.name}"`, at(name))
  }
  for (const [name, fallback] of [
    ['architectures', ''],
    ['image-name', ''],
    ['registry-prefix', ownerPrefix],
  ] as const) {
    const prepared = prepare.step.inputs?.get(name)?.trim() || fallback
    const same = [prepared, usableIn(page, build.job, prepare.job, prepared) ?? prepared].map(spaced)
    if (!same.includes(spaced(own(name, fallback))))
      doubt(`"${name}" differs from that of the job "${prepare.job.name}"`, at(name))
  }
  const steps = pairOf(publish.job.map, 'steps')?.value
  for (const item of isSeq(steps) ? steps.items : []) {
    if (item === publish.step.map) continue
    const action = scalarText(isMap(item) ? item.get('uses', true) : undefined)
    if (!preparing.test(action ?? '')) doubt('it has more steps', item)
  }
  const condition = pairOf(publish.job.map, 'if') ?? pairOf(publish.step.map, 'if')
  const text = scalarText(condition?.value)
  if (condition === undefined || text === undefined) return
  const push = conditionOf(build.step.inputs?.get('push') ?? 'false')
  const wanted = conditionOf(text)
  const same =
    [push, `${push} == 'true'`, `${push} == true`].includes(wanted) ||
    [`${wanted} == 'true'`, `${wanted} == true`].includes(push)
  const started = conditionOf(scalarText(pairOf(build.job.map, 'if')?.value) ?? '')
  if (!same && !(push === 'true' && started === wanted))
    doubt(`its condition differs from that of "push" in the job "${build.job.name}"`, condition)
}

/** Whether a variable of the workflow's environment may have another value in a job: from the job's `env`, or set by a step. */
function changesEnvironment(page: YamlText, job: Job, expression: string): boolean {
  const own = pairOf(job.map, 'env')?.value
  const names = isMap(own) ? own.items.map(({ key }) => scalarText(key) ?? '') : own === undefined ? [] : ['']
  return (
    names.some((name) => name === '' || uses(expression, `env.${name}`)) || page.source(job.pair).includes('GITHUB_ENV')
  )
}

/**
 * A job that waited for the joined image now waits for the job that builds. If the image was joined on a condition, the job was skipped without
 * it, so the condition becomes its own.
 */
export function dependentEdits(page: YamlText, job: Job, { publish }: Trio, doubt: Doubt): readonly Edit[] {
  const gone = publish?.job.name ?? ''
  if (!publish || !job.needs.includes(gone)) return []
  if (uses(page.source(job.pair), `needs.${gone}`))
    doubt(`it uses the outputs or the result of the job "${gone}"`, job.pair)
  const text = scalarText(pairOf(publish.job.map, 'if')?.value)
  if (text === undefined) return []
  const pair = pairOf(job.map, 'if')
  const [own, condition] = [conditionOf(scalarText(pair?.value) ?? ''), conditionOf(text)]
  if (own === condition) return []
  const needs = pairOf(job.map, 'needs')
  if (!waitsForAll(job, condition) || !needs || job.map.flow || [own, condition].some((one) => status.test(one))) {
    doubt(`it is skipped if the job "${gone}" is skipped, and would run without that job`, job.pair)
    return []
  }
  if (pair) return [page.replace(pair.value, scalar(`${inBrackets(own)} && ${inBrackets(condition)}`))]
  return [page.insertBelow(needs, [`${' '.repeat(page.columnOf(needs))}if: ${scalar(condition)}`])]
}

/** The job waits for all jobs that an expression uses. */
const waitsForAll = (job: Job, expression: string): boolean =>
  jobsIn(expression).every((name) => job.needs.some((one) => one.toLowerCase() === name))

/** Functions in a condition that let a job run although another one failed or was skipped. */
const status = /\b(?:always|failure|cancelled|success)\(/i
const inBrackets = (condition: string): string => (condition.includes('||') ? `(${condition})` : condition)

/** A text of the preparing job for use in the building job, which knows the steps of the other one only by its outputs. */
export function usableIn(page: YamlText, build: Job, prepare: Job, text: string): string | undefined {
  const outputs = pairOf(prepare.map, 'outputs')?.value
  return replaceExpressions(text, (inner) => {
    const whole = `\${{ ${inner} }}`
    if (['matrix', 'strategy', 'job', 'runner', 'jobs'].some((context) => uses(inner, context))) return undefined
    if (uses(inner, 'env') && [build, prepare].some((job) => changesEnvironment(page, job, inner))) return undefined
    if (uses(inner, 'needs')) return waitsForAll(build, inner) ? whole : undefined
    if (!uses(inner, 'steps')) return whole
    const output = (isMap(outputs) ? outputs.items : []).find(
      ({ value }) => onlyExpression(scalarText(value) ?? '') === inner,
    )
    const name = output && scalarText(output.key)
    return name === undefined ? undefined : `\${{ needs.${prepare.name}.outputs.${name} }}`
  })
}
