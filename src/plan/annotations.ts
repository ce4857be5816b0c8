import { textBefore } from '../core/text.ts'
import type { Assignments } from '../inputs/options.ts'

/**
 * Annotations of the input for one level. Docker's syntax: `index:key=value`, `manifest,index:key=value`; here, a key without
 * a prefix is for both levels, because registries show the manifest list.
 */
export function annotationsFor(annotations: Assignments, level: 'index' | 'manifest'): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [written, value] of annotations) {
    const match =
      /^((?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?(?:,(?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?)*):(.+)$/.exec(
        written,
      )
    if (!match) found.set(written, value)
    else if (match[1]?.split(',').some((one) => textBefore(one, '[') === level)) found.set(match[2] ?? '', value)
  }
  return found
}
