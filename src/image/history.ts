// `/bin/bash -o pipefail -c `, after the build arguments (`|2 A=1 B=x y `), whose values may be long or secret.
const shell = /(?:^| )\/(?:usr\/)?bin\/(?:ba|da|a)?sh(?: (?:-[A-Za-z]+|pipefail))* -[A-Za-z]*c /

/** BuildKit marks the entries that it writes. */
const withoutMark = (text: string): string =>
  /\s# buildkit$/.test(text) ? text.slice(0, -'# buildkit'.length).trimEnd() : text

/** `RUN apk add gcc` from `created_by` of an image's history, as BuildKit or the classic builder wrote it. */
export function instructionOf(createdBy: string): string {
  const text = withoutMark(createdBy).replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
  const step = /^(?:RUN )?(?=\||\/)/.exec(text)
  const command = step && shell.exec(text)
  return (command ? `RUN ${text.slice(command.index + command[0].length)}` : text).replace(/\s+/g, ' ').trim()
}
