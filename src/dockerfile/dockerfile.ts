import { type Diagnostic, error, type SourceLocation, warning } from '../core/diagnostics.ts'
import { Problems } from '../core/problems.ts'
import { nearest } from '../core/suggest.ts'
import type { Escape } from './expand.ts'
import { copiesContext, type Instruction, readInstructions, sourcesOf, wordsIn } from './instructions.ts'

const keywords: readonly string[] = `
  ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR`
  .trim()
  .split(' ')

/** The content of a Dockerfile that a plan and an audit need, as written: no variable is filled in. */
export interface Dockerfile {
  /** Relative to the workspace. */
  readonly file: string
  readonly text: string
  readonly escape: Escape
  /** Arguments before the first FROM with their defaults. */
  readonly globalArguments: ReadonlyMap<string, string | undefined>
  readonly stages: readonly DockerfileStage[]
  /** Images and stages that COPY, RUN and the frontend use. Undefined: none. */
  readonly takesFrom?: readonly string[]
  /** Whether a FROM uses BUILD_FROM, and a global ARG lets a build set it. */
  readonly usesBuildFrom: boolean
}

export interface DockerfileStage {
  readonly name?: string
  readonly from: string
  /** Index of the earlier stage that FROM names. */
  readonly parent?: number
  readonly platform?: string
  readonly line: number
  /** LABEL, ARG and ENV: values with their quotes; `expand` fills them in. */
  readonly labels: ReadonlyMap<string, string>
  readonly arguments: ReadonlyMap<string, string | undefined>
  readonly environment: ReadonlyMap<string, string>
  /** All instructions after the FROM. */
  readonly instructions: readonly Instruction[]
}

/** Reads a Dockerfile. It is absent if it has no stage; a diagnostic tells why. */
export function readDockerfile(
  text: string,
  file: string,
): { readonly dockerfile?: Dockerfile; readonly diagnostics: readonly Diagnostic[] } {
  const { escape: escaper, instructions } = readInstructions(text, file)
  const problems = new Problems()

  const globalArguments = new Map<string, string | undefined>()
  const stages: Draft[] = []
  const indexOf = stageIndexes()
  /** An instruction before the first FROM, and whether one looks like a misspelled FROM. */
  let early: Diagnostic | undefined
  let misspelt = false
  for (const instruction of instructions) {
    const { keyword, where, flags, pairs } = instruction
    const stage = stages.at(-1)
    if (!keywords.includes(keyword)) {
      // Any other word may be an instruction of another BuildKit frontend.
      const meant = nearest(keyword, keywords)
      if (meant === undefined) continue
      misspelt ||= meant === 'FROM'
      problems.add(unknownInstruction(instruction, meant))
      continue
    }
    if (!stage && !misspelt && keyword !== 'FROM' && keyword !== 'ARG') early ??= beforeFrom(instruction)
    if (keyword === 'FROM') {
      const [platform = ''] = flags.get('platform') ?? []
      const [from = '', as, word] = wordsIn(instruction)
      if (from === '') problems.add(emptyFrom(instruction))
      const parent = indexOf.get(from)
      const name = as?.toLowerCase() === 'as' ? word : undefined
      if (name !== undefined) {
        if (indexOf.get(name) !== undefined) problems.add(repeatedStage(instruction, name))
        indexOf.set(name, stages.length)
      }
      stages.push({
        from,
        line: where.line,
        labels: new Map(),
        arguments: new Map(),
        environment: new Map(),
        instructions: [],
        ...(parent !== undefined && { parent }),
        ...(platform !== '' && { platform }),
        ...(name !== undefined && { name }),
      })
      continue
    }
    stage?.instructions.push(instruction)
    if (keyword === 'ARG') for (const [name, value] of pairs) (stage?.arguments ?? globalArguments).set(name, value)
    if (!stage) continue
    if (keyword === 'LABEL') for (const [name, value = ''] of pairs) stage.labels.set(name, value)
    if (keyword === 'ENV') for (const [name, value = ''] of pairs) stage.environment.set(name, value)
  }
  if (stages.length === 0) {
    const start: SourceLocation = { file, line: 1, column: 1 }
    if (!misspelt)
      problems.error(
        'dockerfile/no-from',
        'The Dockerfile has no FROM.',
        'Begin it with "FROM" and the base image.',
        start,
      )
    return { diagnostics: problems.list }
  }
  if (early) problems.add(early)
  const takesFrom = takenFrom(text)
  return {
    dockerfile: {
      file,
      text,
      escape: escaper,
      globalArguments,
      stages,
      ...(takesFrom.length > 0 && { takesFrom }),
      // An ARG after the first FROM does not count for FROM.
      usesBuildFrom:
        globalArguments.has('BUILD_FROM') && stages.some(({ from }) => namesIn(from).includes('BUILD_FROM')),
    },
    diagnostics: problems.list,
  }
}

type Draft = { -readonly [K in keyof DockerfileStage]: DockerfileStage[K] } & {
  labels: Map<string, string>
  arguments: Map<string, string | undefined>
  environment: Map<string, string>
  instructions: Instruction[]
}

const unknownInstruction = ({ keyword, where }: Instruction, meant: string): Diagnostic =>
  error('dockerfile/unknown-instruction', `"${keyword}" is not an instruction.`, `Did you mean "${meant}"?`, where)

const beforeFrom = ({ keyword, where }: Instruction): Diagnostic => {
  const problem = `${keyword} is before the first FROM. Only ARG is allowed there.`
  return error('dockerfile/before-from', problem, 'Move it below the FROM.', where)
}

const emptyFrom = ({ where }: Instruction): Diagnostic =>
  error('dockerfile/empty-from', 'FROM names no image.', 'Write the base image after FROM.', where)

const repeatedStage = ({ where }: Instruction, name: string): Diagnostic => {
  const problem = `Two stages are called "${name}". The later one is used.`
  return warning('dockerfile/repeated-stage', problem, 'Rename one of them.', { ...where, column: 1 })
}

/** The stages so far by name, in any case. A later stage replaces an earlier one of the same name. */
export function stageIndexes(): Pick<Map<string, number>, 'get' | 'set'> {
  const indexes = new Map<string, number>()
  return {
    get: (name) => indexes.get(name.toLowerCase()),
    set: (name, index) => indexes.set(name.toLowerCase(), index),
  }
}

/** The index of a stage by name or number; without either, of the last one; -1 if there is none. */
export function stageIndex({ stages }: Pick<Dockerfile, 'stages'>, stage: string | undefined): number {
  if (stage === undefined) return stages.length - 1
  const named = stages.findLastIndex(({ name }) => name?.toLowerCase() === stage.toLowerCase())
  if (named >= 0) return named
  const number = /^\d+$/.test(stage) ? Number(stage) : -1
  return number < stages.length ? number : -1
}

/** The stages that a stage is built on, then the stage itself: in the order in which they are built. */
export function chainOf<Stage extends Pick<DockerfileStage, 'parent'>>(
  stages: readonly Stage[],
  last: number,
): readonly Stage[] {
  const chain: Stage[] = []
  for (let stage = stages[last]; stage; stage = stage.parent === undefined ? undefined : stages[stage.parent]) {
    chain.push(stage)
  }
  return chain.reverse()
}

/** The sources that COPY and ADD take from the build context. */
export const copiedSources = (dockerfile: Pick<Dockerfile, 'stages'> | undefined): readonly string[] =>
  (dockerfile?.stages ?? []).flatMap(({ instructions }) => instructions.filter(copiesContext).flatMap(sourcesOf))

/** The values of `COPY --from=`, `RUN --mount=…,from=` and `# syntax=`. Those in comments are included, which does no harm: see `pulls` of a target. */
function takenFrom(text: string): readonly string[] {
  const flags = [...text.matchAll(/--(?:from=(\S{1,512})|mount=(\S{1,2048}))/g)].flatMap(([, from, mount = '']) => [
    ...(from === undefined ? [] : [from]),
    ...mount.split(',').flatMap((field) => (field.startsWith('from=') ? [field.slice('from='.length)] : [])),
  ])
  const syntax = /^#[ \t]{0,8}syntax[ \t]{0,8}=[ \t]{0,8}(\S{1,512})/i.exec(text)?.[1]
  return [...new Set([...flags, ...(syntax === undefined ? [] : [syntax])])].slice(0, mostTaken)
}

/** Maximum entries of `takesFrom`. No real build has so many. */
const mostTaken = 200

/** The variables that a text uses. */
export const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => name ?? '')
