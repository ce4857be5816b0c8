import { type Diagnostic, error } from '../../core/diagnostics.ts'
import { locationsIn } from './lines.ts'

type Expected = 'value' | 'name' | 'name or end' | 'colon' | 'more of map' | 'more of list' | 'value or end' | 'nothing'

const token =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a string of JSON must not have them.
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y

/** Why and where a text is not JSON: V8 gives the position of only some errors. Undefined if it is JSON. */
export function jsonProblem(text: string, file: string): Diagnostic | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch {
    const { offset, expected } = firstSlip(text)
    const [where, problem, remedy] = describe(text, offset, expected)
    return error('file/invalid-json', problem, remedy, locationsIn(text, file)(where))
  }
}

/** The first token that does not belong there, and what is expected instead. */
function firstSlip(text: string): { readonly offset: number; readonly expected: Expected } {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let end = 0
  const afterValue = (): Expected =>
    ({ '{': 'more of map', '[': 'more of list', '': 'nothing' })[open.at(-1) ?? ''] as Expected
  for (;;) {
    token.lastIndex = end
    const found = token.exec(text)
    if (!found) return { offset: afterSpace(text, end), expected }
    const [, sign, string] = found
    const wantsValue: boolean = expected === 'value' || expected === 'value or end'
    if ((sign === '{' || sign === '[') && wantsValue) {
      open.push(sign)
      expected = sign === '{' ? 'name or end' : 'value or end'
    } else if (sign === '}' && (expected === 'name or end' || expected === 'more of map')) {
      open.pop()
      expected = afterValue()
    } else if (sign === ']' && (expected === 'value or end' || expected === 'more of list')) {
      open.pop()
      expected = afterValue()
    } else if (sign === ',' && expected === 'more of map') expected = 'name'
    else if (sign === ',' && expected === 'more of list') expected = 'value'
    else if (sign === ':' && expected === 'colon') expected = 'value'
    else if (string !== undefined && (expected === 'name' || expected === 'name or end')) expected = 'colon'
    else if (sign === undefined && wantsValue) expected = afterValue()
    else return { offset: afterSpace(text, end), expected }
    end = token.lastIndex
  }
}

const afterSpace = (text: string, from: number): number =>
  from + (/^[ \t\n\r]*/.exec(text.slice(from))?.[0].length ?? 0)

const expectations: Readonly<Record<Expected, string>> = {
  value: 'A value is expected here',
  'value or end': 'A value is expected here',
  name: 'A name in double quotes is expected here',
  'name or end': 'A name in double quotes is expected here',
  colon: 'A colon is expected after the name',
  'more of map': 'A comma or "}" is expected here',
  'more of list': 'A comma or "]" is expected here',
  nothing: 'The file continues after its last bracket',
}

function describe(
  text: string,
  offset: number,
  expected: Expected,
): readonly [offset: number, problem: string, remedy: string] {
  const rest = text.slice(offset)
  const before = text.slice(0, offset).trimEnd()
  if (before.endsWith(',') && /^[}\]]/.test(rest)) {
    return [before.length - 1, 'There is a comma before a closing bracket.', 'Remove the comma.']
  }
  if (/^(\/[/*]|#)/.test(rest)) {
    return [offset, 'JSON has no comments.', 'Remove the comment, or rename the file to .yaml.']
  }
  if (rest.startsWith("'")) return [offset, 'JSON allows only double quotes.', 'Write " instead of \'.']
  const word = /^(True|False|None|undefined|NaN|yes|no|on|off)\b/i.exec(rest)?.[1]
  if (word !== undefined) {
    return [offset, `JSON has no ${word}.`, 'Write true, false or null in lower case, or put the value in quotes.']
  }
  if (rest === '' && before === '') return [0, 'The file is empty.', 'Write at least {}, or remove the file.']
  if (rest === '') {
    return [before.length, 'The file ends too early.', 'Look for a bracket or a quote that is not closed.']
  }
  if (rest.startsWith('"') && /^(value|name)/.test(expected)) {
    return [
      offset,
      'A string is not closed, or contains a line break or a single backslash.',
      'Close the quote. Write a line break as \\n and a backslash as \\\\.',
    ]
  }
  if (expected === 'nothing') {
    return [offset, `${expectations[expected]}.`, 'Look for a bracket above that closes too early.']
  }
  return [offset, `${expectations[expected]}.`, 'Check this line and the line above.']
}
