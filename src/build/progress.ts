import { type Diagnostic, type SourceLocation, warning } from '../core/diagnostics.ts'
import { isWork, type Status, type Vertex, type Warning } from './rawjson.ts'
import type { BuildStep } from './result.ts'

/** What a build's progress came to. */
export interface Progress {
  /** Takes what BuildKit reports. */
  onStatus(status: Status): void
  /** Takes a line that buildx says itself. */
  onPlainLine(line: string): void
  /** BuildKit has begun anything: false where buildx refuses its arguments, or says nothing that can be read. */
  hasStarted(): boolean
  /** Slowest first. */
  steps(): readonly BuildStep[]
  cache(): { readonly hits: number; readonly total: number }
  warnings(): readonly Diagnostic[]
  /** What ended the build, in one line, and the Dockerfile line where buildx names one. */
  failure(): { readonly reason: string; readonly where?: SourceLocation }
  /** The last lines that were shown. */
  tail(): readonly string[]
}

interface Step {
  readonly number: number
  readonly name: string
  readonly began: number
  durationMs: number
  cached: boolean
  done: boolean
  rest: string
}

const tailLength = 40

/**
 * Turns BuildKit's machine-readable log into lines for people, and into facts.
 * @param dockerfile as the user names it, relative to the workspace: BuildKit knows its base name only.
 */
export function createProgress(dockerfile: string, show: (line: string) => void): Progress {
  const steps = new Map<string, Step>()
  const warnings: Diagnostic[] = []
  const lines: string[] = []
  const plain: string[] = []
  let vertexError: string | undefined

  const say = (line: string): void => {
    show(line)
    lines.push(line)
    if (lines.length > tailLength) lines.shift()
  }

  const vertex = (one: Vertex): void => {
    if (!one.started) return
    let step = steps.get(one.digest)
    if (!step) {
      step = {
        number: steps.size + 1,
        name: one.name,
        began: Date.parse(one.started),
        durationMs: 0,
        cached: false,
        done: false,
        rest: '',
      }
      steps.set(one.digest, step)
      say(`#${step.number} ${one.name}`)
    }
    if (one.error) vertexError = one.error
    if (!one.completed) return
    // BuildKit reports some vertexes twice; the later report has the work in it.
    step.durationMs = Math.max(step.durationMs, Date.parse(one.completed) - Date.parse(one.started))
    step.cached ||= one.cached === true
    if (step.done && !one.error) return
    step.done = true
    if (step.rest) say(`#${step.number} ${step.rest}`)
    step.rest = ''
    const ending = one.error
      ? `ERROR: ${one.error}`
      : step.cached
        ? 'CACHED'
        : `DONE ${(step.durationMs / 1000).toFixed(1)}s`
    say(`#${step.number} ${ending}`)
  }

  const log = (digest: string, data: string): void => {
    const step = steps.get(digest)
    const text = (step?.rest ?? '') + Buffer.from(data, 'base64').toString('utf8')
    const parts = text.split('\n')
    const rest = parts.pop() ?? ''
    for (const part of parts) say(`#${step?.number ?? '?'} ${lastFrame(part)}`)
    if (step) step.rest = rest
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
      say(line)
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
      const said = plain
        .findLast((line) => line.startsWith('ERROR:'))
        ?.replace(/^ERROR:\s*(failed to build: )?(failed to solve: )?/, '')
      const at = plain.map((line) => /^(\S.*):(\d+)$/.exec(line)).findLast((match) => match !== null)
      return {
        reason: said ?? vertexError ?? plain.at(-1) ?? 'buildx ended without a reason',
        ...(at?.[2] && { where: { file: dockerfile, line: Number(at[2]), column: 1 } }),
      }
    },
    tail: () => lines,
  }
}

/** Programs redraw a line with carriage returns: only the last state says anything. */
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
