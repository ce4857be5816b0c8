/**
 * Parses what an action wrote to GITHUB_OUTPUT, GITHUB_STATE or GITHUB_ENV: `name=value`, or `name<<END`, lines, `END`.
 * Source: actions/runner `FileCommandManager`, `EnvFileKeyValuePairs`.
 * @throws with the runner's message for invalid content, for which the step fails.
 */
export function parseCommandFile(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  const pairs: [string, string][] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const equals = line.indexOf('=')
    const heredoc = line.indexOf('<<')
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      if (equals === 0) throw new Error(`Invalid format '${line}'. Name must not be empty`)
      pairs.push([line.slice(0, equals), line.slice(equals + 1)])
    } else if (heredoc >= 0) {
      const name = line.slice(0, heredoc)
      const delimiter = line.slice(heredoc + 2)
      if (name === '' || delimiter === '')
        throw new Error(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`)
      const end = lines.indexOf(delimiter, at + 1)
      if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`)
      pairs.push([name, lines.slice(at + 1, end).join('\n')])
      at = end
    } else throw new Error(`Invalid format '${line}'`)
  }
  return Object.fromEntries(pairs)
}
