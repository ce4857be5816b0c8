type Plain = Readonly<Record<string, unknown>>

/**
 * The options of an add-on with the user's over them: maps are merged, everything else is replaced.
 * Source: Supervisor addons/addon.py, _OPTIONS_MERGER.
 */
export function mergeOptions(defaults: Plain, given: Plain): Plain {
  const keys = [...new Set([...Object.keys(defaults), ...Object.keys(given)])]
  return Object.fromEntries(
    keys.map((key) => {
      if (!Object.hasOwn(given, key)) return [key, defaults[key]]
      const [a, b] = [Object.hasOwn(defaults, key) ? defaults[key] : undefined, given[key]]
      return [key, isPlain(a) && isPlain(b) ? mergeOptions(a, b) : b]
    }),
  )
}

export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
