/**
 * The value of a plain scalar for the Supervisor's reader: PyYAML, whose YAML 1.1 differs from that of the `yaml` package. `y` and `1e3` are
 * strings there; a date is neither string nor number. Source: PyYAML 6, resolver.py and constructor.py.
 */
export function plainValue(
  text: string,
): { readonly value: string | number | boolean | null } | { readonly date: string } {
  if (/^(~|null|Null|NULL|)$/.test(text)) return { value: null }
  if (/^(yes|Yes|YES|true|True|TRUE|on|On|ON)$/.test(text)) return { value: true }
  if (/^(no|No|NO|false|False|FALSE|off|Off|OFF)$/.test(text)) return { value: false }
  if (integer.test(text)) return { value: toInteger(text) }
  if (float.test(text)) return { value: toFloat(text) }
  return date.test(text) ? { date: text } : { value: text }
}

const integer = /^[-+]?(0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|[1-9][0-9_]*(:[0-5]?[0-9])+)$/
const float =
  /^([-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/
const date = /^(\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?([Tt]|[ \t]+)\d\d?:\d\d:\d\d(\.\d*)?([ \t]*(Z|[-+]\d\d?(:\d\d)?))?)$/

function toInteger(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '')
  if (digits.includes(':')) return sign * sexagesimal(digits)
  if (/^0[0-7]+$/.test(digits)) return sign * Number.parseInt(digits, 8)
  return sign * Number(digits)
}

function toFloat(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '').toLowerCase()
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY
  if (digits === '.nan') return Number.NaN
  return sign * (digits.includes(':') ? sexagesimal(digits) : Number.parseFloat(digits))
}

/** `1:30` is ninety. */
const sexagesimal = (text: string): number => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
