import { createHash } from 'node:crypto'

/** Several MB that compress about as well as programs do and do not repeat; the same in every run. */
export function material(): Buffer {
  const words = Array.from({ length: 4096 }, (_, index) =>
    createHash('md5')
      .update(String(index))
      .digest()
      .subarray(0, 3 + (index % 9)),
  )
  let state = 1
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return words[state >>> 20] as Buffer
  }
  return Buffer.concat(Array.from({ length: 1_500_000 }, next))
}
