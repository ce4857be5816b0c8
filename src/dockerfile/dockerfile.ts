import { Arg, DockerfileParser, Env, From, Label, type Property } from 'dockerfile-ast'

import { type Diagnostic, error, type SourceLocation, warning } from '../core/diagnostics.ts'
import { nearest } from '../core/suggest.ts'
import type { Escape } from './expand.ts'
import { onlyRealHeredocs } from './heredocs.ts'

const keywords = [
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
] as const

/** The instructions of a Dockerfile; their ranges are those of the text. */
export function parseDockerfile(text: string): ReturnType<typeof DockerfileParser.parse> {
  // A directive counts until the first comment that is none: the library knows which that is.
  const escaper = DockerfileParser.parse(/^(?:\s*#[^\n]*\n)*/.exec(text)?.[0] ?? '').getEscapeCharacter()
  return DockerfileParser.parse(onlyRealHeredocs(text, escaper))
}

/** Reads what a plan needs to know: global arguments, stages, HEALTHCHECK and USER. Nothing is filled in yet. */
export function readDockerfile(
  text: string,
  file: string,
): { readonly dockerfile?: Dockerfile; readonly diagnostics: readonly Diagnostic[] } {
  const parsed = parseDockerfile(text)
  const diagnostics: Diagnostic[] = []
  const globalArguments = new Map<string, string | undefined>()
  const stages: Draft[] = []
  /** Where an instruction stands before the first FROM, and where one was meant for FROM. */
  let early: Diagnostic | undefined
  let misspelt = false
  for (const instruction of parsed.getInstructions()) {
    const { line, character } = instruction.getRange().start
    const where: SourceLocation = { file, line: line + 1, column: character + 1 }
    const words = instruction.getArguments().map((argument) => argument.getValue())
    const keyword = instruction.getKeyword()
    const stage = stages.at(-1)
    if (!(keywords as readonly string[]).includes(keyword)) {
      // Other words may be those of another syntax; BuildKit knows.
      const meant = nearest(keyword, keywords)
      if (meant === undefined) continue
      misspelt ||= meant === 'FROM'
      diagnostics.push(
        error(
          'dockerfile/unknown-instruction',
          `"${keyword}" is not an instruction.`,
          `Did you mean "${meant}"?`,
          where,
        ),
      )
      continue
    }
    if (!stage && !misspelt && keyword !== 'FROM' && keyword !== 'ARG') {
      early ??= error(
        'dockerfile/before-from',
        `${keyword} stands before the first FROM, where only ARG may stand.`,
        'Move it below the FROM.',
        where,
      )
    }
    if (keyword === 'FROM') {
      const platform = instruction instanceof From ? instruction.getPlatformFlag()?.getValue() : undefined
      const [from = '', as, name] = words.filter((word) => !word.startsWith('--'))
      if (from === '') {
        diagnostics.push(error('dockerfile/empty-from', 'FROM names no image.', 'Write the image after it.', where))
      }
      stages.push({
        from,
        line: line + 1,
        healthcheck: 'absent',
        labels: new Map(),
        arguments: new Map(),
        environment: new Map(),
        ...(typeof platform === 'string' && { platform }),
        ...(as?.toLowerCase() === 'as' && name !== undefined && { name }),
      })
    } else if (instruction instanceof Arg) {
      for (const [name, value] of argumentsOf(instruction)) (stage?.arguments ?? globalArguments).set(name, value)
    } else if (stage && instruction instanceof Label) {
      for (const property of instruction.getProperties()) stage.labels.set(property.getName(), textOf(property) ?? '')
    } else if (stage && instruction instanceof Env) {
      for (const property of instruction.getProperties())
        stage.environment.set(property.getName(), textOf(property) ?? '')
    } else if (stage && keyword === 'HEALTHCHECK') {
      const [kind] = words.filter((word) => !word.startsWith('--'))
      stage.healthcheck = kind?.toUpperCase() === 'NONE' ? 'none' : 'own'
    } else if (stage && keyword === 'USER' && words[0] !== undefined) stage.user = words[0]
  }
  if (stages.length === 0 && misspelt) return { diagnostics }
  if (early && stages.length > 0) diagnostics.push(early)
  if (stages.length === 0) {
    diagnostics.push(
      error('dockerfile/no-from', 'The Dockerfile has no FROM.', 'Begin it with "FROM" and the base image.', {
        file,
        line: 1,
        column: 1,
      }),
    )
    return { diagnostics }
  }
  // An ARG after the first FROM does not count for FROM.
  const usesBuildFrom =
    globalArguments.has('BUILD_FROM') && stages.some(({ from }) => namesIn(from).includes('BUILD_FROM'))
  const chain = chainOf(stages, stages.length - 1)
  const takesFrom = takenFrom(text)
  const user = chain.find((stage) => stage.user !== undefined)?.user
  return {
    dockerfile: {
      file,
      escape: parsed.getEscapeCharacter() === '`' ? '`' : '\\',
      globalArguments,
      stages,
      ...(takesFrom.length > 0 && { takesFrom }),
      usesBuildFrom,
      healthcheck: chain.find((stage) => stage.healthcheck !== 'absent')?.healthcheck ?? 'absent',
      ...(user !== undefined && { user }),
    },
    diagnostics: [...diagnostics, ...repeatedStages(stages, file)],
  }
}

type Draft = { -readonly [K in keyof DockerfileStage]: DockerfileStage[K] } & {
  labels: Map<string, string>
  arguments: Map<string, string | undefined>
  environment: Map<string, string>
}

/** `ARG A B=1`: the library takes the second word for the value of the first. */
function argumentsOf(instruction: Arg): readonly (readonly [string, string | undefined])[] {
  const properties = instruction.getProperties()
  if (properties.every((property) => property.getAssignmentOperator() === '=' || property.getValue() === null)) {
    return properties.map((property) => [property.getName(), textOf(property)])
  }
  return instruction.getArguments().map((argument) => {
    const [name = '', ...value] = argument.getValue().split('=')
    return [name, value.length === 0 ? undefined : value.join('=')]
  })
}

/** As it is written, with its quotes; a line that goes on is joined. */
function textOf(property: Property): string | undefined {
  return property.getValue() === null
    ? undefined
    : (property.getUnescapedValue() ?? '').replaceAll(/[\\`][ \t]*\r?\n/g, '')
}

/** `COPY --from=`, `RUN --mount=…,from=` and `# syntax=`, wherever they are: one in a comment does no harm, see `pulls` of a target. */
function takenFrom(text: string): readonly string[] {
  const flags = [...text.matchAll(/--(?:from=(\S{1,512})|mount=(\S{1,2048}))/g)].flatMap(([, from, mount = '']) => [
    ...(from === undefined ? [] : [from]),
    ...mount.split(',').flatMap((field) => (field.startsWith('from=') ? [field.slice('from='.length)] : [])),
  ])
  const syntax = /^#[ \t]{0,8}syntax[ \t]{0,8}=[ \t]{0,8}(\S{1,512})/i.exec(text)?.[1]
  return [...new Set([...flags, ...(syntax === undefined ? [] : [syntax])])].slice(0, mostTaken)
}

/** More of them no build has. */
const mostTaken = 200

/** The variables that a text uses. */
export const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => name ?? '')

/** The index of the stage that `FROM name` means: an earlier one, in any case. */
export function stageNamed(stages: readonly DockerfileStage[], name: string, before = stages.length): number {
  let names = namesOf.get(stages)
  if (!names) {
    names = new Map()
    for (const [index, stage] of stages.entries()) {
      const key = stage.name?.toLowerCase()
      if (key !== undefined) {
        const indexes = names.get(key)
        if (indexes) indexes.push(index)
        else names.set(key, [index])
      }
    }
    namesOf.set(stages, names)
  }
  return names.get(name.toLowerCase())?.findLast((index) => index < before) ?? -1
}

/** A file of 128 kB has room for 10,000 stages, each of which is looked for among all. */
const namesOf = new WeakMap<readonly DockerfileStage[], Map<string, number[]>>()

/** The stage and all that it stands on, from the last to the first. */
export function chainOf(stages: readonly DockerfileStage[], last: number): readonly DockerfileStage[] {
  const chain: DockerfileStage[] = []
  for (let index = last; index >= 0; index = stageNamed(stages, stages[index]?.from ?? '', index)) {
    const stage = stages[index]
    if (stage) chain.push(stage)
  }
  return chain
}

function repeatedStages(stages: readonly DockerfileStage[], file: string): readonly Diagnostic[] {
  return stages.flatMap(({ name, line }, index) =>
    name !== undefined && stageNamed(stages, name, index) >= 0
      ? [
          warning(
            'dockerfile/repeated-stage',
            `Two stages are called "${name}"; the later one counts.`,
            'Rename one of them.',
            { file, line, column: 1 },
          ),
        ]
      : [],
  )
}

export interface DockerfileStage {
  readonly name?: string
  /** As written, build arguments not filled in. */
  readonly from: string
  readonly platform?: string
  readonly line: number
  readonly healthcheck: 'own' | 'none' | 'absent'
  readonly user?: string
  /** LABEL, ARG and ENV of the stage: values as they are written, with their quotes; `expand` makes them what they mean. */
  readonly labels: ReadonlyMap<string, string>
  readonly arguments: ReadonlyMap<string, string | undefined>
  readonly environment: ReadonlyMap<string, string>
}

/** What the Dockerfile says without building it. */
export interface Dockerfile {
  /** Relative to the workspace. */
  readonly file: string
  readonly escape: Escape
  /** Global arguments (before the first FROM) and their defaults, as they are written. */
  readonly globalArguments: ReadonlyMap<string, string | undefined>
  readonly stages: readonly DockerfileStage[]
  /** What COPY, RUN and the frontend take from elsewhere, as it is written: images, and names of stages. Undefined: nothing. */
  readonly takesFrom?: readonly string[]
  /** A FROM stands on BUILD_FROM, and a global ARG lets a build set it. */
  readonly usesBuildFrom: boolean
  /** Of the last stage, and of the stages it stands on. */
  readonly healthcheck: 'own' | 'none' | 'absent'
  readonly user?: string
}
