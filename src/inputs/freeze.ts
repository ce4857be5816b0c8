/** Freezes plain data recursively. A Map ignores Object.freeze, so its methods that change it are replaced. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (value instanceof Map) {
    const refuse = () => {
      throw new TypeError('This map is frozen.')
    }
    for (const method of ['set', 'delete', 'clear']) Object.defineProperty(value, method, { value: refuse })
    for (const one of value.values()) deepFreeze(one)
  }
  for (const one of Object.values(value)) deepFreeze(one)
  return Object.freeze(value)
}
