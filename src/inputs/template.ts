import { type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'
import { nearest } from '../core/suggest.ts'

export const imagePlaceholders = ['arch', 'slug', 'owner', 'version'] as const
export const tagPlaceholders = [
  'version',
  'major',
  'minor',
  'patch',
  'sha',
  'branch',
  'pr',
  'date',
  'arch',
  'slug',
] as const
export const scopePlaceholders = ['slug', 'arch', 'branch', 'version'] as const

/** Refuses a `{placeholder}` that is not known, and a brace that stands alone. The nearest known one is named. */
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
    ? wrong(`${quoted(text)} has a brace without its partner.`, 'Write placeholders as in "{version}".')
    : parsed(text)
}

/** Fills in what `values` knows; a placeholder without a value stays, so `undefined` says which are missing. */
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
