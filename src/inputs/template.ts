import { type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'
import { nearest } from '../core/suggest.ts'

export const imagePlaceholders = ['arch', 'slug', 'owner', 'version', 'channel']
export const tagPlaceholders = [
  'version',
  'major',
  'minor',
  'patch',
  'sha',
  'branch',
  'pr',
  'date',
  'channel',
  'arch',
  'slug',
]
export const scopePlaceholders = ['slug', 'arch', 'branch', 'version']

/** Rejects an unknown `{placeholder}`, and an unmatched brace. Suggests the nearest known placeholder. */
export function checkTemplate(text: string, known: readonly string[]): Parsed<string> {
  for (const [, name = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    if (known.includes(name)) continue
    const near = nearest(name, known)
    return wrong(
      `"{${name}}" in ${quoted(text)} is not a known placeholder.`,
      near === undefined ? `Use ${known.map((one) => `{${one}}`).join(', ')}.` : `Did you mean "{${near}}"?`,
    )
  }
  return /[{}]/.test(text.replaceAll(/\{[^{}]*\}/g, ''))
    ? wrong(`${quoted(text)} has an unmatched brace.`, 'Write placeholders like "{version}".')
    : parsed(text)
}

/** Replaces placeholders. Undefined if a value is missing. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string | undefined>>,
): string | undefined {
  let complete = true
  const text = template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) complete = false
    return value ?? whole
  })
  return complete ? text : undefined
}
