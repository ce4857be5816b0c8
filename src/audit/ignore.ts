/** The rules that comments of a Dockerfile switch off. */
interface Ignores {
  readonly file: ReadonlySet<string>
  /** By the line of the instruction that follows the comment. */
  readonly lines: ReadonlyMap<number, ReadonlySet<string>>
}

const comment = /^\s*#\s*aicleaner-build\s+ignore\s*=(.+)/is

/**
 * Reads `# aicleaner-build ignore=rule-id, rule-id`: before the first instruction it applies to the whole file, elsewhere to the next
 * instruction. The words after the names are the reason: `ignore=image/root-user needed for the GPIO pins`.
 */
export function readIgnores(dockerfile: string): Ignores {
  const file = new Set<string>()
  const lines = new Map<number, ReadonlySet<string>>()
  let pending = new Set<string>()
  let hasStarted = false
  dockerfile.split('\n').forEach((line, index) => {
    const found = comment.exec(line)?.[1]?.trim() || undefined
    if (found !== undefined) for (const rule of rulesIn(found)) (hasStarted ? pending : file).add(rule)
    else if (/^\s*(?:#|$)/.test(line)) return
    else {
      hasStarted = true
      if (pending.size > 0) lines.set(index + 1, pending)
      pending = new Set()
    }
  })
  return { file, lines }
}

const rulesIn = (text: string): readonly string[] =>
  /^[\w/-]+(?:\s*,\s*[\w/-]+)*/
    .exec(text)?.[0]
    .split(',')
    .map((rule) => rule.trim()) ?? []
