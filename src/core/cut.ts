// What an expression such as /x+$/ does in steps that grow with the square of the text, done in one pass.

/** Without the characters of `set` at its end. */
export function withoutEnd(text: string, set: string): string {
  let end = text.length
  while (end > 0 && set.includes(text[end - 1] as string)) end -= 1
  return text.slice(0, end)
}

/** Without the characters of `set` at both ends. */
export function withoutEnds(text: string, set: string): string {
  const left = withoutEnd(text, set)
  let start = 0
  while (start < left.length && set.includes(left[start] as string)) start += 1
  return left.slice(start)
}

/** What stands before the first character of `set`; all of it where there is none. */
export function before(text: string, set: string): string {
  for (let index = 0; index < text.length; index += 1) {
    if (set.includes(text[index] as string)) return text.slice(0, index)
  }
  return text
}
