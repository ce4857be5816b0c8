/** Secrets so far, and their replacement in text. */
interface Masks {
  /** Masks the secret and each of its lines. Returns those that were not masked before. */
  add(secret: string): readonly string[]
  redact(text: string): string
  /** The same change, with secrets redacted before it (it could cut one) and after it (it could put one together). */
  around(change: (text: string) => string): (text: string) => string
}

// Masking shorter secrets ("1", "no") would hide half of the log and protect nothing.
const shortest = 3

/** Each line of a multi-line secret is masked by itself, as programs print them line by line. */
export function createMasks(): Masks {
  const secrets = new Set<string>()
  const redact = (text: string): string => {
    let result = text
    // The longest first: of a secret that contains another one, no part must remain.
    for (const secret of [...secrets].sort((a, b) => b.length - a.length)) result = result.replaceAll(secret, '***')
    return result
  }
  return {
    add(secret) {
      const parts = new Set([secret, ...secret.split(/\r?\n/)].filter((part) => part.trim().length >= shortest))
      const added = [...parts].filter((part) => !secrets.has(part))
      for (const part of added) secrets.add(part)
      return added
    },
    redact,
    around: (change) => (text) => redact(change(redact(text))),
  }
}
