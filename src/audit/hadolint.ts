import { Failure } from '../core/diagnostics.ts'
import type { Processes } from '../core/host.ts'
import type { Finding } from './finding.ts'

/** The file is read from standard input, so that its name can never be an option. */
const hadolintArguments: readonly string[] = ['--no-fail', '--no-color', '--format', 'json', '-']

/** What hadolint says of a Dockerfile; nothing where it is not installed or does not answer in time. */
export async function askHadolint(text: string, file: string, processes: Processes): Promise<readonly Finding[]> {
  try {
    const answer = await processes.exec('hadolint', hadolintArguments, { input: text, timeoutMs: 20_000 })
    return answer.exitCode === 0 ? readHadolint(answer.stdout, file) : []
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === 'environment') return []
    throw thrown
  }
}

/** It cannot read the file, and BuildKit can: here-documents are such a case. That is no fault of the file. */
const unreadable = 'DL1000'

const severities = { error: 'error', warning: 'warning', info: 'notice', style: 'notice' } as const

/** Pure: from hadolint's JSON. What it does not understand counts as not there. */
export function readHadolint(stdout: string, file: string): readonly Finding[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(stdout)
  } catch {
    return []
  }
  return (Array.isArray(parsed) ? parsed : []).flatMap((one: Readonly<Record<string, unknown>> | null): Finding[] => {
    const { code, message, level, line, column } = one ?? {}
    if (typeof code !== 'string' || !/^[A-Z]{2}\d{4}$/.test(code) || typeof message !== 'string') return []
    if (code === unreadable) return []
    const severity = severities[level as keyof typeof severities] ?? 'warning'
    const wiki = code.startsWith('SC')
      ? `https://www.shellcheck.net/wiki/${code}`
      : `https://github.com/hadolint/hadolint/wiki/${code}`
    return [
      {
        rule: `hadolint/${code}`,
        severity,
        message: message.slice(0, 400),
        fix: `See ${wiki}`,
        link: wiki,
        ...(typeof line === 'number' && {
          where: { file, line: Math.max(1, line), column: typeof column === 'number' ? Math.max(1, column) : 1 },
        }),
      },
    ]
  })
}
