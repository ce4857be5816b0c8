import { type Diagnostic, error, type SourceLocation } from '../../core/diagnostics.ts'

const knownProblems: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  TAB_AS_INDENT: ['A tab is used for indentation.', 'Use spaces.'],
  MULTIPLE_DOCS: ['The file holds more than one document.', 'Remove "---" and what follows it.'],
  MULTILINE_IMPLICIT_KEY: ['A key has to stand on one line with its colon.', 'Write "key: value", or remove the line.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'A map cannot begin on the line of another key.',
    'Put quotes around a text with ": " in it.',
  ],
  BAD_ALIAS: ['The alias has no anchor.', 'Quote a text that begins with "*" or "&".'],
}

/** Where the library's words say more. */
const detailedProblems: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  BAD_INDENT: ['The indentation does not fit the lines around it', 'Indent it as the lines that belong to it.'],
  MISSING_CHAR: ['Something is missing here', 'Look for a colon, a quote or a bracket that is not there.'],
  UNEXPECTED_TOKEN: ['This does not belong here', 'Look for a quote or comma too many, here or one line above.'],
}

interface LibraryProblem {
  readonly code: string
  readonly message: string
  readonly pos: readonly [number, number]
}

/** What the `yaml` package complains of, in words for somebody who wrote a config file. One for each line: the first is what was done, the others follow from it. */
export function yamlProblems(
  errors: readonly LibraryProblem[],
  text: string,
  place: (offset: number) => SourceLocation,
): readonly Diagnostic[] {
  const lines = new Map<number, Diagnostic>()
  for (const one of errors) {
    // Where the reader has lost the thread, everything is unexpected.
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
  const [known = 'This is not YAML', remedy = 'Correct the line, or put the text in quotes.'] =
    detailedProblems[code] ?? []
  const detail = message.split('\n', 1)[0]?.replace(/\.$/, '') ?? ''
  return error('file/invalid-yaml', `${known} (${detail}).`, remedy, place(start))
}

/** What people really did, where the library's words do not say it. */
function specialProblem(
  code: string,
  message: string,
  text: string,
  start: number,
): readonly [message: string, remedy: string] | undefined {
  if (/call stack/.test(message)) return ['Values are nested too deeply.', 'Write it flatter.']
  const tag = /Unresolved tag: (.*)/.exec(message)?.[1]
  if (tag !== undefined) {
    const written = tag.replace('tag:yaml.org,2002:', '!!')
    return [`The Supervisor does not know the tag "${written}".`, 'Remove the word that begins with "!".']
  }
  if (code === 'UNEXPECTED_TOKEN' && /at node end/.test(message)) {
    if (text[start - 1] === '}')
      return ['A text that begins with "{" needs quotes.', 'Put all of it in quotes, as in "{arch}-name".']
    if (text[start] === ',') return ['A comma stands after the value.', 'Remove the comma: this is not JSON.']
    if (/["']\s*$/.test(text.slice(Math.max(0, start - 20), start))) {
      return ['Text follows the closing quote.', 'Put all of the value into the quotes, or remove what follows them.']
    }
  }
  if (code === 'MISSING_CHAR' && /need to be followed by map values/.test(message)) {
    return [
      'The line is no "key: value", as the lines around it are.',
      'Write a key and a colon before it, or remove it.',
    ]
  }
  return undefined
}
