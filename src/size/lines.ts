import type { Instruction } from 'dockerfile-ast'
import { lineStarts } from '../addon/yaml/lines.ts'
import { instructionOf } from '../core/text.ts'
import { parseDockerfile } from '../dockerfile/dockerfile.ts'
import type { ImageMeasure } from '../image/measure.ts'

/**
 * The line of the Dockerfile that made each layer, counted from 1; undefined where it is not known, as for layers of the base image.
 * The history of an image has texts, not lines, and not always the same texts (variables are filled in), so both lists are aligned in order.
 * @param stage Name of the stage that was built; default: the last one.
 */
export function layerLines(
  { layers, base }: Pick<ImageMeasure, 'layers' | 'base'>,
  dockerfile: string,
  stage?: string,
): (number | undefined)[] {
  const steps = stepsOf(dockerfile, stage)
  const first = base?.layers ?? 0
  const made = layers.slice(first).map(({ createdBy }) => (createdBy ? instructionOf(createdBy) : ''))
  const lines: (number | undefined)[] = layers.map(() => undefined)
  for (const [layer, step] of align(made, steps)) lines[first + layer] = steps[step]?.line
  return lines
}

/** Notes the line of the Dockerfile at each layer that it is known of. */
export function withLines(measure: ImageMeasure, dockerfile: string, stage?: string): ImageMeasure {
  const lines = layerLines(measure, dockerfile, stage)
  const layers = measure.layers.map((layer, index) => {
    const line = lines[index]
    return line === undefined ? layer : { ...layer, line }
  })
  return { ...measure, layers }
}

interface Step {
  readonly keyword: string
  readonly text: string
  readonly line: number
}

const making = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR'])

/** What makes layers: the instructions of the stage, and before them those of the stages that it stands on. */
function stepsOf(text: string, wanted?: string): Step[] {
  const parsed = parseDockerfile(text)
  const read = stepsIn(text, parsed.getEscapeCharacter())
  const stages: { name: string; from: string; steps: Step[] }[] = []
  for (const instruction of parsed.getInstructions()) {
    const keyword = instruction.getKeyword()
    if (keyword === 'FROM') stages.push({ ...fromOf(instruction), steps: [] })
    else if (making.has(keyword)) stages.at(-1)?.steps.push(read(instruction))
  }
  const find = (name: string) =>
    stages.findLast((stage) => stage.name !== '' && stage.name.toLowerCase() === name.toLowerCase()) ??
    (/^\d+$/.test(name) ? stages[Number(name)] : undefined)
  const steps: Step[] = []
  const seen = new Set<object>()
  for (let stage = wanted ? find(wanted) : stages.at(-1); stage && !seen.has(stage); ) {
    seen.add(stage)
    steps.unshift(...stage.steps)
    stage = find(stage.from)
  }
  return steps
}

function fromOf(instruction: Instruction): { name: string; from: string } {
  const words = instruction
    .getArguments()
    .map((argument) => argument.getValue())
    .filter((word) => !word.startsWith('--'))
  const [from = '', as, name = ''] = words
  return { from, name: as?.toLowerCase() === 'as' ? name : '' }
}

/** Reads an instruction from the text as it is written: the parser was given another one, in which some words are masked. */
function stepsIn(text: string, escapeMark: string): (instruction: Instruction) => Step {
  const starts = lineStarts(text)
  const continued =
    escapeMark === '`' ? /`[^\S\n]*\n(?:[^\S\n]*(?:#[^\n]*)?\n)*/g : /\\[^\S\n]*\n(?:[^\S\n]*(?:#[^\n]*)?\n)*/g
  return (instruction) => {
    const { start, end } = instruction.getRange()
    const [from = 0, to = 0] = [start, end].map(({ line, character }) => (starts[line] ?? text.length) + character)
    const step = text
      .slice(from, to)
      .replace(continued, ' ')
      .replace(/^\s*\S+/, '')
      // Flags such as --mount and --chown are not in the history.
      .replace(/^(\s+--\S+)+/, '')
      .replace(/\s+/g, ' ')
      .trim()
    return { keyword: instruction.getKeyword(), text: step, line: start.line + 1 }
  }
}

/** Pairs of the two lists in order, so that as much as possible fits. */
function align(made: readonly string[], steps: readonly Step[]): [layer: number, step: number][] {
  const width = steps.length + 1
  const best = new Float64Array((made.length + 1) * width)
  for (let layer = made.length - 1; layer >= 0; layer--)
    for (let step = steps.length - 1; step >= 0; step--)
      best[layer * width + step] = Math.max(
        at(best, (layer + 1) * width + step),
        at(best, layer * width + step + 1),
        at(best, (layer + 1) * width + step + 1) + likeness(made[layer] ?? '', steps[step]),
      )
  const pairs: [number, number][] = []
  for (let layer = 0, step = 0; layer < made.length && step < steps.length; ) {
    const score = at(best, layer * width + step)
    const same = likeness(made[layer] ?? '', steps[step])
    if (same > 0 && score === at(best, (layer + 1) * width + step + 1) + same) pairs.push([layer++, step++])
    else if (score === at(best, layer * width + step + 1)) step++
    else layer++
  }
  return pairs
}

const at = (values: Float64Array, index: number): number => values[index] ?? 0

/** 0: something else. Of two that could be meant, the one with the same text counts for more. */
function likeness(made: string, step: Step | undefined): number {
  const [keyword = ''] = made.split(' ', 1)
  if (!step || keyword !== step.keyword) return 0
  const text = made.slice(keyword.length).trim()
  if (text === step.text) return 4
  // `COPY --from` and sources of another stage are written with other paths, variables are filled in, heredocs are opened.
  return shared(text, step.text) > 0.5 ? 2 : 1
}

function shared(a: string, b: string): number {
  const words = new Set(b.split(' '))
  const mine = a.split(' ')
  return mine.filter((word) => words.has(word)).length / Math.max(mine.length, words.size)
}
