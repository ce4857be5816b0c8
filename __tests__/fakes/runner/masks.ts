/** The masked values of a job: its secrets, and values that its steps add with `::add-mask::`. Shared by all steps of a job. */
export interface Masker {
  /** Masks a value, its lines, and their encoded forms. */
  add(value: string): void
  /** The text with `***` for every masked value. */
  mask(text: string): string
}

/**
 * Source: actions/runner `SecretMasker`, `HostContext` (the encoders), `Worker.InitializeSecretMasker` and `AddMaskCommandExtension` (lines).
 * @param secrets the secrets of the workflow; surrounding spaces are not part of a secret.
 */
export function createMasker(secrets: readonly string[] = []): Masker {
  const hidden = new Set<string>()
  const hide = (value: string): void => {
    for (const form of [value, ...encodedForms(value)]) if (form !== '') hidden.add(form)
  }
  const add = (value: string): void => {
    if (value.trim() === '') return
    for (const part of [value, ...value.split(/[\r\n]/).map((line) => line.trim())]) hide(part)
  }
  for (const secret of secrets) add(secret.trim())
  return { add, mask: (text) => redact(text, hidden) }
}

/** Overlapping and adjacent matches become one `***`. */
function redact(text: string, hidden: Iterable<string>): string {
  const places: { readonly start: number; readonly end: number }[] = []
  for (const value of hidden) {
    for (let start = text.indexOf(value); start >= 0; start = text.indexOf(value, start + 1)) {
      places.push({ start, end: start + value.length })
    }
  }
  let shown = ''
  let reached = 0
  let last = -1
  for (const { start, end } of places.sort((a, b) => a.start - b.start)) {
    if (start > last) shown += `${text.slice(reached, start)}***`
    last = Math.max(last, end)
    reached = last
  }
  return shown + text.slice(reached)
}

/** The forms in which programs are likely to print a value. Source: actions/runner `ValueEncoders`. */
export function encodedForms(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  // If other text precedes the value before encoding (`user:password`), its first one or two bytes share characters with that text.
  const from = (offset: number): string => bytes.subarray(bytes.length > offset ? offset : 0).toString('base64')
  return [
    from(0),
    from(1),
    from(2),
    value.replaceAll('"', '\\"'),
    value.replaceAll("'", "''"),
    jsonText(value),
    uriData(value),
    value.replace(/[<>"'&]/g, (character) => xmlEntities[character] ?? character),
    value.length > 8 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : '',
    ...aroundAmpersand(value).filter((part) => part.length >= 6),
  ]
}

/** JSON string as Newtonsoft writes it: escapes the same characters as JavaScript, and three line separators. */
const jsonText = (value: string): string =>
  JSON.stringify(value)
    .slice(1, -1)
    .replace(/[\u0085\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** URI encoding as in .NET (RFC 3986): `encodeURIComponent` keeps five more characters. */
const uriData = (value: string): string =>
  encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const xmlEntities: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '&': '&amp;',
}

/** PowerShell colours the character after `&`, which splits a value in an error message into two parts. */
function aroundAmpersand(value: string): readonly string[] {
  const coloured = value.indexOf('&+')
  if (coloured >= 0) return [value.slice(0, coloured + 2), value.slice(coloured + 3)]
  const last = value.lastIndexOf('&')
  return last < 0 ? [] : [value.slice(0, last + 1), value.slice(last + 1)]
}
