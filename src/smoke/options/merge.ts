type Plain = Readonly<Record<string, unknown>>

/**
 * The default options of an add-on, overridden by the user's: maps are merged, everything else is replaced.
 * Source: Supervisor addons/addon.py, _OPTIONS_MERGER.
 */
export function mergeOptions(defaults: Plain, given: Plain): Plain {
  const keys = [...new Set([...Object.keys(defaults), ...Object.keys(given)])]
  return Object.fromEntries(
    keys.map((key) => {
      if (!Object.hasOwn(given, key)) return [key, defaults[key]]
      const [a, b] = [Object.hasOwn(defaults, key) ? defaults[key] : undefined, given[key]]
      return [key, isRecord(a) && isRecord(b) ? mergeOptions(a, b) : b]
    }),
  )
}

export const isRecord = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
