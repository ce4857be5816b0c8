/** Bytes, or why they are not known. Unknown is never zero. */
export type Size = { readonly bytes: number } | { readonly unknown: string }

/** `sha256:` and 64 hex digits. */
export type Digest = string
