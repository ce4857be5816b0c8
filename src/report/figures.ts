import { formatSize, type Size } from '../core/bytes.ts'

export { formatBytes, formatDelta as signedBytes } from '../core/bytes.ts'

/** Shown instead of a missing value. */
export const none = '–'

/** `62.1 MB`, `unknown`, or a dash if nothing was measured. */
export const size = (value: Size | undefined): string => (value === undefined ? none : formatSize(value))

/** `+5.2 %`. `percent` counts in hundredths: 5.2 is 5.2 %. */
export function signedPercent(percent: number): string {
  const size = Math.abs(percent)
  if (size < 0.0005) return '±0 %'
  // A change that rounds to zero is still a change.
  const text = size < 0.05 ? String(Number(size.toPrecision(1))) : size.toFixed(1)
  return `${percent > 0 ? '+' : '−'}${text} %`
}

/** `61 %` of the limit; from ten times on `30 ×`. */
export const share = (used: number): string =>
  used >= 10 ? `${Math.round(used)} ×` : `${Math.round(Math.max(0, used) * 100)} %`

/** Five marks that show how much of the budget is used: full only when all is used, empty only when nothing is. */
export function bar(used: number): string {
  const filled = used >= 1 ? 5 : used <= 0 ? 0 : Math.min(4, Math.max(1, Math.round(used * 5)))
  return '▰'.repeat(filled) + '▱'.repeat(5 - filled)
}

/** `sha256:12ab34cd56ef…` for readers; report.json has the whole digest. */
export const shortDigest = (digest: string): string => digest.replace(/^(\w+:[0-9a-f]{12})[0-9a-f]+$/, '$1…')

export const shortCommit = (commit: string): string => (/^[0-9a-f]{40}$/.test(commit) ? commit.slice(0, 7) : commit)

/** A sentence as part of another: `Push was off.` → `push was off`. A word that begins with two capitals is a name. */
export const clause = (sentence: string): string =>
  sentence.replace(/\.$/, '').replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase())
