import type { Instruction } from '../dockerfile/instructions.ts'
import type { ResolvedDockerfile } from '../dockerfile/resolve.ts'
import { instructionOf } from '../image/history.ts'
import type { ImageMeasure } from '../image/measure.ts'

/**
 * The line of the Dockerfile that made each layer, counted from 1; undefined if it is not known, as for layers of the base image.
 * The history of an image has texts instead of lines, and not always the same texts (variables are filled in), so both lists are aligned in order.
 */
export function linesOfLayers(
  { layers, base }: Pick<ImageMeasure, 'layers' | 'base'>,
  dockerfile: ResolvedDockerfile | undefined,
): (number | undefined)[] {
  const instructions = (dockerfile?.chain ?? [])
    .flatMap(({ instructions: all }) => all)
    .filter(({ keyword }) => makesLayers.has(keyword))
  const first = base?.layers ?? 0
  const history = layers.slice(first).map(({ createdBy }) => (createdBy ? instructionOf(createdBy) : ''))
  const lines: (number | undefined)[] = layers.map(() => undefined)
  for (const [layer, index] of align(history, instructions)) lines[first + layer] = instructions[index]?.where.line
  return lines
}

/** Adds the line of the Dockerfile to each layer for which it is known. */
export function withDockerfileLines(measure: ImageMeasure, dockerfile: ResolvedDockerfile | undefined): ImageMeasure {
  const lines = linesOfLayers(measure, dockerfile)
  const layers = measure.layers.map((layer, index) => {
    const line = lines[index]
    return line === undefined ? layer : { ...layer, line }
  })
  return { ...measure, layers }
}

const makesLayers = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR'])

/** Pairs the two lists in order, with the greatest total similarity. */
function align(history: readonly string[], instructions: readonly Instruction[]): [layer: number, index: number][] {
  const width = instructions.length + 1
  const best = new Float64Array((history.length + 1) * width)
  for (let layer = history.length - 1; layer >= 0; layer--)
    for (let index = instructions.length - 1; index >= 0; index--)
      best[layer * width + index] = Math.max(
        at(best, (layer + 1) * width + index),
        at(best, layer * width + index + 1),
        at(best, (layer + 1) * width + index + 1) + similarity(history[layer] ?? '', instructions[index]),
      )
  const pairs: [number, number][] = []
  for (let layer = 0, index = 0; layer < history.length && index < instructions.length; ) {
    const score = at(best, layer * width + index)
    const same = similarity(history[layer] ?? '', instructions[index])
    if (same > 0 && score === at(best, (layer + 1) * width + index + 1) + same) pairs.push([layer++, index++])
    else if (score === at(best, layer * width + index + 1)) index++
    else layer++
  }
  return pairs
}

const at = (values: Float64Array, index: number): number => values[index] ?? 0

/** 0: another instruction. The same text counts for more than a similar one. */
function similarity(entry: string, instruction: Instruction | undefined): number {
  const [keyword = ''] = entry.split(' ', 1)
  if (!instruction || keyword !== instruction.keyword) return 0
  const [text, written] = [entry.slice(keyword.length).trim(), instruction.text.replace(/\s+/g, ' ')]
  if (text === written) return 4
  // The history has other paths for `COPY --from` and sources of another stage, filled-in variables, and the content of here-documents.
  return sharedWords(text, written) > 0.5 ? 2 : 1
}

function sharedWords(a: string, b: string): number {
  const words = new Set(b.split(' '))
  const mine = a.split(' ')
  return mine.filter((word) => words.has(word)).length / Math.max(mine.length, words.size)
}
