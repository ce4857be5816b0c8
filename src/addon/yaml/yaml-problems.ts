import { type Diagnostic, error, type SourceLocation } from '../../core/diagnostics.ts'

const knownProblems: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  TAB_AS_INDENT: ['A tab is used for indentation.', 'Use spaces.'],
  MULTIPLE_DOCS: ['The file contains more than one document.', 'Remove "---" and everything after it.'],
  MULTILINE_IMPLICIT_KEY: ['A key and its colon must be on one line.', 'Write "key: value", or remove the line.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'A map cannot begin on the line of another key.',
    'Put a value that contains ": " in quotes.',
  ],
  BAD_ALIAS: ['The alias has no anchor.', 'Put a value in quotes if it begins with "*" or "&".'],
}

/** Problems for which the library's message has more details. */
const detailedProblems: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  BAD_INDENT: ['The indentation does not match the lines around it', 'Indent it like the other lines of its block.'],
  MISSING_CHAR: ['Something is missing here', 'Look for a missing colon, quote or bracket.'],
  UNEXPECTED_TOKEN: ['This does not belong here', 'Look for an extra quote or comma, here or one line above.'],
}

interface LibraryProblem {
  readonly code: string
  readonly message: string
  readonly pos: readonly [number, number]
}

/** The problems that the `yaml` package found, in words for authors of config files. One for each line: the first one is the cause of the others. */
export function yamlProblems(
  errors: readonly LibraryProblem[],
  text: string,
  place: (offset: number) => SourceLocation,
): readonly Diagnostic[] {
  const lines = new Map<number, Diagnostic>()
  for (const one of errors) {
    // After that, the parser finds problems everywhere.
    if (lines.size > 0 && / in YAML stream/.test(one.message)) continue
    const problem = yamlProblem(one, text, place)
    if (!lines.has(problem.where?.line ?? 0)) lines.set(problem.where?.line ?? 0, problem)
  }
  return [...lines.values()]
}

function yamlProblem(
  { code, message, pos: [start] }: LibraryProblem,
  text: string,
  place: (offset: number) => SourceLocation,
): Diagnostic {
  const found = specialProblem(code, message, text, start) ?? knownProblems[code]
  if (found) return error('file/invalid-yaml', found[0], found[1], place(start))
  const [known = 'This is not valid YAML', remedy = 'Correct the line, or put the value in quotes.'] =
    detailedProblems[code] ?? []
  const detail = message.split('\n', 1)[0]?.replace(/\.$/, '') ?? ''
  return error('file/invalid-yaml', `${known} (${detail}).`, remedy, place(start))
}

/** The actual mistake, if the library's message does not name it. */
function specialProblem(
  code: string,
  message: string,
  text: string,
  start: number,
): readonly [message: string, remedy: string] | undefined {
  if (/call stack/.test(message)) return ['Values are nested too deeply.', 'Reduce the nesting.']
  const tag = /Unresolved tag: (.*)/.exec(message)?.[1]
  if (tag !== undefined) {
    const written = tag.replace('tag:yaml.org,2002:', '!!')
    return [`The Supervisor does not know the tag "${written}".`, 'Remove the word that begins with "!".']
  }
  if (code === 'UNEXPECTED_TOKEN' && /at node end/.test(message)) {
    if (text[start - 1] === '}')
      return ['A value that begins with "{" needs quotes.', 'Put the whole value in quotes, for example "{arch}-name".']
    if (text[start] === ',') return ['There is a comma after the value.', 'Remove the comma: this is not JSON.']
    if (/["']\s*$/.test(text.slice(Math.max(0, start - 20), start))) {
      return ['There is text after the closing quote.', 'Put the whole value in quotes, or remove the text after them.']
    }
  }
  if (code === 'MISSING_CHAR' && /need to be followed by map values/.test(message)) {
    return [
      'The line is not a "key: value" like the lines around it.',
      'Write a key and a colon before it, or remove it.',
    ]
  }
  return undefined
}
