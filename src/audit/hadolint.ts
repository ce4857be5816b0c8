import { Failure, type Severity } from '../core/diagnostics.ts'
import type { Processes } from '../core/host.ts'
import { listOf, numberOf, textOf } from '../core/json-fields.ts'
import type { Finding } from './finding.ts'

/** The file is read from standard input, so that its name can never be an option. */
const hadolintArguments: readonly string[] = ['--no-fail', '--no-color', '--format', 'json', '-']

/** The findings of hadolint; none if it is not installed or does not finish in time. */
export async function runHadolint(text: string, file: string, processes: Processes): Promise<readonly Finding[]> {
  try {
    const result = await processes.exec('hadolint', hadolintArguments, { input: text, timeoutMs: 20_000 })
    return result.exitCode === 0 ? readHadolint(result.stdout, file) : []
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'environment') return []
    throw thrown
  }
}

/** hadolint cannot parse the file, for instance because of a here-document. BuildKit can. */
const parseError = 'DL1000'

const severities: ReadonlyMap<string, Severity> = new Map([
  ['error', 'error'],
  ['warning', 'warning'],
  ['info', 'notice'],
  ['style', 'notice'],
])

/** From hadolint's JSON. Anything unexpected is left out. */
export function readHadolint(stdout: string, file: string): readonly Finding[] {
  let results: unknown
  try {
    results = JSON.parse(stdout)
  } catch {
    return []
  }
  return listOf(results).flatMap((result): readonly Finding[] => {
    const code = textOf(result, 'code')
    const message = textOf(result, 'message')
    if (!/^[A-Z]{2}\d{4}$/.test(code) || message === '' || code === parseError) return []
    const line = numberOf(result, 'line')
    const link = code.startsWith('SC')
      ? `https://www.shellcheck.net/wiki/${code}`
      : `https://github.com/hadolint/hadolint/wiki/${code}`
    return [
      {
        rule: `hadolint/${code}`,
        severity: severities.get(textOf(result, 'level')) ?? 'warning',
        message: message.slice(0, 400),
        fix: `See ${link}`,
        link,
        ...(line !== undefined && {
          where: { file, line: Math.max(1, line), column: Math.max(1, numberOf(result, 'column') ?? 1) },
        }),
      },
    ]
  })
}
