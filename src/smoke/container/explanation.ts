import type { ContainerOutput } from './output.ts'

export type Streams = Pick<ContainerOutput, 'stdout' | 'stderr'>

const maxLength = 200

/** Colors and cursor moves. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const controlSequences = /\u001b\[[0-?]*[ -/]*[@-~]/g

/** Lines of s6-overlay itself. They tell that something ended, and not why. */
const ofS6 =
  /^(?:s6-[a-z-]+: |\/run\/s6\/basedir\/|\/package\/admin\/s6|(?:cont-init|cont-finish|services-up|services-down|fix-attrs): |\[(?:cont-init\.d|cont-finish\.d|services\.d|fix-attrs\.d|s6-init|s6-finish)\])/

/** What `finish` scripts print, also without a reason: `Service nginx exited with code 1 (by signal 0)`. */
const ofFinishScripts = /exited with code|halt add-on|service restart after closing/i

/** The banner of bashio add-ons. */
const ofBanner =
  /^(?:[-=*]{5,}$|add-on(?: version)?: |you are running the latest|system: |home assistant (?:core|supervisor): |please, share the above|or support in, e\.g)/i

const fatal = /\bFATAL\b|\bCRITICAL\b|\blevel=(?:fatal|panic)\b|^panic: |\bpanicked at\b|^fatal: |^Unhandled |\[emerg\]/
const nonFatal = /\bnon-fatal\b/i
const error = /\bERROR\b|[Ee]rror: |Exception\b|\blevel=error\b|\bexception: |^E: |\[(?:alert|crit|error)\]/
/** `log level is ERROR`, `0 ERROR`, `no error: …`. */
const noError = /\blog[ _-]?level\b|\b(?:no|0) errors?\b/i

const traceback = /^Traceback \(most recent call last\)/
const chained = /^(?:During handling of the above exception|The above exception was the direct cause)/

/**
 * Pure: the line that explains why an add-on failed, as the end of a sentence: the first line that reports a fatal error, the exception of a Python
 * traceback, or the first error. Otherwise the last line that is not from s6, if `orLast` is set; '' if there is none.
 */
export function quoteExplanation({ stdout, stderr }: Streams, { orLast = false } = {}): string {
  const streams = [stderr, stdout].map((lines) => lines.map(plain))
  const relevant = streams.map((lines) => lines.filter((line) => !ofS6.test(line)))
  const explaining =
    firstOf(relevant, (lines) => lines.find((line) => fatal.test(line) && !nonFatal.test(line))) ??
    firstOf(relevant, exceptionOf) ??
    firstOf(relevant, (lines) => lines.find((line) => error.test(line) && !noError.test(line)))
  if (explaining) return `; it reported: ${shortened(explaining)}`
  if (!orLast) return ''
  const last =
    firstOf(relevant, (lines) => lines.findLast((line) => isText(line) && !isRoutine(line))) ??
    firstOf(streams, (lines) => lines.findLast(isText))
  return last ? `; its last line: ${shortened(last)}` : ''
}

const plain = (line: string): string => line.replace(controlSequences, '').trimEnd()

const shortened = (line: string): string => line.trim().slice(0, maxLength).toWellFormed()

const isText = (line: string): boolean => line.trim() !== ''

const isRoutine = (line: string): boolean => ofFinishScripts.test(line) || ofBanner.test(line.trim())

function firstOf(
  streams: readonly (readonly string[])[],
  find: (lines: readonly string[]) => string | undefined,
): string | undefined {
  for (const lines of streams) {
    const found = find(lines)
    if (found !== undefined) return found
  }
  return undefined
}

/** The exception of the first Python traceback: the last of those that were raised while handling the one before. */
function exceptionOf(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => traceback.test(line))
  if (start < 0) return undefined
  let exception: string | undefined
  for (const line of lines.slice(start)) {
    if (!isText(line) || /^\s/.test(line) || traceback.test(line)) continue
    if (chained.test(line)) exception = undefined
    else if (exception === undefined) exception = line
    else break
  }
  return exception
}
