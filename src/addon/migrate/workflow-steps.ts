import { isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml'
import type { Edit } from './edits.ts'
import { pairOf, scalarText, type YamlText } from './yaml-text.ts'

/** A job of a workflow, or the steps of a composite action, which have no name. */
export interface Job {
  readonly name: string | undefined
  readonly pair: Pair
  readonly map: YAMLMap
  readonly needs: readonly string[]
  readonly steps: readonly Step[]
}

/** A step that uses an action. */
export interface Step {
  readonly map: YAMLMap
  /** `home-assistant/builder@2026.02.1`. */
  readonly uses: string
  readonly usesNode: Scalar
  /** Values of the inputs under `with`. Undefined: it is not a map of names and strings. */
  readonly inputs: ReadonlyMap<string, string> | undefined
}

/** The jobs, in their order. */
export function jobsOf(page: YamlText): readonly Job[] {
  const root = page.document.contents
  const jobs = pairOf(root, 'jobs')?.value
  const composite = pairOf(root, 'runs')
  return [
    ...(isMap(jobs) ? jobs.items : []).flatMap((pair) => jobOf(pair, scalarText(pair.key))),
    ...(composite ? jobOf(composite, undefined) : []),
  ]
}

function jobOf(pair: Pair, name: string | undefined): readonly Job[] {
  const map = pair.value
  if (!isMap(map)) return []
  const needs = pairOf(map, 'needs')?.value
  const steps = pairOf(map, 'steps')?.value
  return [
    {
      name,
      pair,
      map,
      needs: (isSeq(needs) ? needs.items : [needs]).flatMap((one) => scalarText(one) ?? []),
      steps: isSeq(steps) ? steps.items.flatMap(stepOf) : [],
    },
  ]
}

function stepOf(map: unknown): readonly Step[] {
  const usesNode = isMap(map) ? map.get('uses', true) : undefined
  if (!isMap(map) || !isScalar(usesNode) || typeof usesNode.value !== 'string') return []
  return [{ map, uses: usesNode.value, usesNode, inputs: inputsOf(pairOf(map, 'with')?.value) }]
}

function inputsOf(node: unknown): ReadonlyMap<string, string> | undefined {
  if (node === undefined) return new Map()
  if (!isMap(node)) return undefined
  const inputs = new Map<string, string>()
  for (const { key, value } of node.items) {
    const [name, text] = [scalarText(key), isScalar(value) ? (scalarText(value) ?? '') : undefined]
    if (name === undefined || text === undefined) return undefined
    inputs.set(name, text)
  }
  return inputs
}

export const stepsOf = (page: YamlText): readonly Step[] => jobsOf(page).flatMap(({ steps }) => steps)

/** Comments behind the commit of a pinned action: `2026.02.1`, `v4`, `tag=2026.02.1`, `master`. */
const versionComment = /^(?:(?:tag=|pin@|ratchet:\S{1,80}@)?v?\d[\w.+-]{0,60}|master|main|latest)$/i

/** The new action, in the quotes of the old one and without the comment with the old version. */
export function replacedAction(page: YamlText, node: Step['usesNode'], action: string): Edit[] {
  const [from, to] = node.range ?? [0, 0]
  const quote = node.type === 'QUOTE_DOUBLE' ? '"' : node.type === 'QUOTE_SINGLE' ? "'" : ''
  const row = page.rowOf(from)
  const behind = page.row(row).slice(page.columnOf(node) + (to - from))
  const comment = behind.trim().startsWith('#') ? behind.trim().slice(1).trim() : ''
  const stale = versionComment.test(comment)
  return [{ from, to: stale ? to + behind.length : to, text: `${quote}${action}${quote}` }]
}
