import { type Diagnostic, type SourceLocation, warning } from '../core/diagnostics.ts'
import { isWork, type Status, type Vertex, type Warning } from './rawjson.ts'
import type { BuildStep } from './result.ts'

export interface Progress {
  onStatus(status: Status): void
  /** Takes a line of buildx itself. */
  onPlainLine(line: string): void
  /** Whether BuildKit has started a step. It never does if buildx refuses its arguments or has no machine-readable output. */
  hasStarted(): boolean
  /** Slowest first. */
  steps(): readonly BuildStep[]
  cache(): { readonly hits: number; readonly total: number }
  warnings(): readonly Diagnostic[]
  /** Why the build failed, in one line, and the line of the Dockerfile if buildx names one. */
  failure(): { readonly reason: string; readonly where?: SourceLocation }
  tail(): readonly string[]
}

interface Step {
  readonly number: number
  readonly name: string
  durationMs: number
  cached: boolean
  done: boolean
  /** The log of the step after its last line end. */
  unfinished: string
}

const tailLength = 40

/** Turns BuildKit's log into readable lines and a summary. @param dockerfile relative to the workspace: BuildKit knows only its base name. */
export function createProgress(dockerfile: string, show: (line: string) => void): Progress {
  const steps = new Map<string, Step>()
  const warnings: Diagnostic[] = []
  const printed: string[] = []
  /** Lines of buildx itself. */
  const plain: string[] = []
  let stepError: string | undefined

  const showLine = (line: string): void => {
    show(line)
    printed.push(line)
    if (printed.length > tailLength) printed.shift()
  }

  const vertex = (one: Vertex): void => {
    if (!one.started) return
    let step = steps.get(one.digest)
    if (!step) {
      step = {
        number: steps.size + 1,
        name: one.name,
        durationMs: 0,
        cached: false,
        done: false,
        unfinished: '',
      }
      steps.set(one.digest, step)
      showLine(`#${step.number} ${one.name}`)
    }
    if (one.error) stepError = one.error
    if (!one.completed) return
    // BuildKit reports some vertexes twice; the later report has the real times.
    step.durationMs = Math.max(step.durationMs, Date.parse(one.completed) - Date.parse(one.started))
    step.cached ||= one.cached === true
    if (step.done && !one.error) return
    step.done = true
    if (step.unfinished) showLine(`#${step.number} ${step.unfinished}`)
    step.unfinished = ''
    const result = one.error
      ? `ERROR: ${one.error}`
      : step.cached
        ? 'CACHED'
        : `DONE ${(step.durationMs / 1000).toFixed(1)}s`
    showLine(`#${step.number} ${result}`)
  }

  const log = (digest: string, data: string): void => {
    const step = steps.get(digest)
    const text = (step?.unfinished ?? '') + Buffer.from(data, 'base64').toString('utf8')
    const lines = text.split('\n')
    const unfinished = lines.pop() ?? ''
    for (const line of lines) showLine(`#${step?.number ?? '?'} ${lastFrame(line)}`)
    if (step) step.unfinished = unfinished
  }

  return {
    onStatus(status) {
      for (const one of status.vertexes ?? []) vertex(one)
      for (const { vertex: digest, data } of status.logs ?? []) if (data) log(digest, data)
      for (const one of status.warnings ?? []) {
        const diagnostic = dockerfileCheck(one, dockerfile)
        if (!warnings.some((known) => same(known, diagnostic))) warnings.push(diagnostic)
      }
    },
    onPlainLine(line) {
      if (!line.trim()) return
      plain.push(line)
      showLine(line)
    },
    hasStarted: () => steps.size > 0,
    steps: () =>
      [...steps.values()]
        .filter(isWork)
        .map(({ name, durationMs, cached }) => ({ name, durationMs, cached }))
        .sort((a, b) => b.durationMs - a.durationMs),
    cache() {
      const cacheable = [...steps.values()].filter(isWork)
      return { hits: cacheable.filter((step) => step.cached).length, total: cacheable.length }
    },
    warnings: () => warnings,
    failure() {
      const error = plain
        .findLast((line) => line.startsWith('ERROR:'))
        ?.replace(/^ERROR:\s*(failed to build: )?(failed to solve: )?/, '')
      const at = plain.map((line) => /^(\S.*):(\d+)$/.exec(line)).findLast((match) => match !== null)
      return {
        reason: error ?? stepError ?? plain.at(-1) ?? 'buildx ended without an error message',
        ...(at?.[2] && { where: { file: dockerfile, line: Number(at[2]), column: 1 } }),
      }
    },
    tail: () => printed,
  }
}

/** Programs redraw a line with carriage returns: only the last state counts. */
const lastFrame = (line: string): string => line.replace(/\r$/, '').split('\r').at(-1) ?? ''

const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

function dockerfileCheck(one: Warning, dockerfile: string): Diagnostic {
  const [rule, text] = /^(\w+): ([\s\S]*)$/.exec(decode(one.short))?.slice(1) ?? ['check', decode(one.short)]
  const line = one.range?.[0]?.start?.line
  return warning(
    `dockerfile/${rule}`,
    (text ?? '').replace(/ \(line \d+\)$/, '.'),
    one.url ? `See ${one.url}` : (one.detail ?? []).map(decode).join(' '),
    line ? { file: dockerfile, line, column: 1 } : undefined,
  )
}

const same = (a: Diagnostic, b: Diagnostic): boolean =>
  a.code === b.code && a.message === b.message && a.where?.line === b.where?.line
