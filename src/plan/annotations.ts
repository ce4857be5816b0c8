import { textBefore } from '../core/text.ts'
import type { Options } from '../inputs/options.ts'

/**
 * Annotations of the input by where they belong. Docker's syntax: `index:key=value`, `manifest,index:key=value`; a key without
 * a prefix belongs to both here, because the manifest list is what registries show.
 */
export function annotationsFor(
  annotations: Options['annotations'],
  level: 'index' | 'manifest',
): ReadonlyMap<string, string> {
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
