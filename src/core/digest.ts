// The types of the HTML page reach this file, so it must not need Node: see sha256.ts.

/** `sha256:` and 64 hex digits. */
export type Digest = string

/** `sha256:` and 64 lower-case hex digits: the only kind that may become part of a path or an address. */
export const isDigest = (value: unknown): value is Digest =>
  typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value)
