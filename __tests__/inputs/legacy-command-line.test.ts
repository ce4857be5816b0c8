// biome-ignore-all lint/suspicious/noTemplateCurlyInString: forms of a shell.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { isWrong } from '../../src/core/parsed.ts'
import { expandWords } from '../../src/inputs/legacy-command-line.ts'

const values: Readonly<Record<string, string>> = {
  ONE: 'one',
  TWO: 'first second',
  EMPTY: '',
  WIDE: ' lead\ttrail\n',
  QUOTED: `a"b' \\c`,
  CALL: '$(touch hacked) `id` ${ONE} *',
}
const expandText = (text: string) => expandWords(text, { variable: (name) => values[name] })

function words(text: string): readonly string[] | string {
  const found = expandText(text)
  return isWrong(found) ? found.problem : found.value.words.map(({ value }) => value)
}

/** The words as bash makes them, for many lines in one process. Names of files are not looked up. */
function bashWords(texts: readonly string[]): readonly (readonly string[])[] {
  const script = texts.map((text) => `set -- ${text}\nprintf '%s\\0' "$#" "$@"`).join('\n')
  const output = execFileSync('bash', ['--norc', '--noprofile', '-f'], {
    input: `set +H\n${script}\n`,
    env: { PATH: process.env.PATH, ...values },
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString('utf8')
  const parts = output.split('\0')
  return texts.map(() => parts.splice(0, 1 + Number(parts[0])).slice(1))
}

test.each<[string, readonly string[]]>([
  ['--target /data/${ONE} --version $ONE', ['--target', '/data/one', '--version', 'one']],
  ['--a $TWO', ['--a', 'first', 'second']],
  ['--a "$TWO"', ['--a', 'first second']],
  ['x$TWO.y', ['xfirst', 'second.y']],
  ['$NONE x', ['x']],
  ['"$NONE" x', ['', 'x']],
  ['${NONE:-a b} "${NONE:-a b}"', ['a', 'b', 'a b']],
  ['${EMPTY:-a}${EMPTY-b}', ['a']],
  ['${ONE:+set}${NONE+set}', ['set']],
  ['${NONE:-${ONE}}', ['one']],
  [`'$ONE' \\$ONE`, ['$ONE', '$ONE']],
  ['--test \\\n--amd64 \\', ['--test', '--amd64']],
  ['--test \\\r\n--amd64\r\n', ['--test', '--amd64']],
  ['$ON\\\nE "$ON\\\nE" ${ON\\\nE} $ONE\\\n.', ['one', 'one', 'one', 'one.']],
  [`'a\\\nb' "a\\\nb" a\\\\\nb`, ['a\\\nb', 'ab', 'a\\', 'b']],
  ['{arch}-name ${ONE}-{arch}', ['{arch}-name', 'one-{arch}']],
  ['a$ $', ['a$', '$']],
  // What a value says is no command, no variable and no quote.
  ['$CALL', ['$(touch', 'hacked)', '`id`', '${ONE}', '*']],
  ['$QUOTED', [`a"b'`, '\\c']],
])('%j gives %j', (text, expected) => {
  expect(words(text)).toEqual(expected)
})

test.each([
  ['--amd64\n--target $(ls)', 'line 2: command substitution ($(…)) is not supported, because no shell runs.'],
  ['`id`', 'line 1: command substitution with backquotes is not supported, because no shell runs.'],
  ['"`id`"', 'line 1: command substitution with backquotes is not supported, because no shell runs.'],
  ['$((1+1))', 'line 1: command substitution ($(…)) is not supported, because no shell runs.'],
  ['$[1]', 'line 1: arithmetic expansion ($[…]) is not supported.'],
  ['--a \\\n--b \\\n$(x)', 'line 3: command substitution ($(…)) is not supported, because no shell runs.'],
  ['"\n$(x)"', 'line 2: command substitution ($(…)) is not supported, because no shell runs.'],
  ['--target add*', 'line 1: a file name pattern ("*") is not expanded.'],
  ['addons/?', 'line 1: a file name pattern ("?") is not expanded.'],
  ['[ab]', 'line 1: a file name pattern ("[") is not expanded.'],
  ['--{amd64,aarch64}', 'line 1: brace expansion is not supported.'],
  ['a{1..3}', 'line 1: brace expansion is not supported.'],
  ['${ONE%e}', 'line 1: "${ONE%e}" is a form of expansion that is not supported.'],
  ['${!ONE}', 'line 1: "${!ONE}" is a form of expansion that is not supported.'],
  ['${#ONE}', 'line 1: "${#ONE}" is a form of expansion that is not supported.'],
  ['${NONE:=x}', 'line 1: "${NONE:=x}" is a form of expansion that is not supported.'],
  ['${NONE:-$(id)}', 'line 1: command substitution ($(…)) is not supported, because no shell runs.'],
  ['${ONE', 'line 1: a "${" is not closed.'],
  ['$1 $@', 'line 1: $1 is a shell parameter, which is not supported.'],
  ['--amd64; rm -rf x', 'line 1: ";" is a shell operator, which is not supported.'],
  ['--amd64 && x', 'line 1: "&" is a shell operator, which is not supported.'],
  ['--amd64 > x', 'line 1: ">" is a shell operator, which is not supported.'],
  [`'open`, "line 1: a ' is not closed."],
  ['a\n"b"\n"open\n', 'line 3: a " is not closed.'],
  ['"open', 'line 1: a " is not closed.'],
])('%j is refused', (text, problem) => {
  expect(words(text)).toBe(problem)
})

test('reports variables that are not set, and the source of a value', () => {
  const found = expandText('--a $NONE $EMPTY\n--b $TWO $NONE ${LESS:-}')
  expect(isWrong(found) ? undefined : [...found.value.unset]).toEqual([['NONE', 1]])
  expect(isWrong(found) ? undefined : found.value.nothing).toEqual(['NONE', 'LESS'])
  expect(isWrong(found) ? undefined : found.value.words).toMatchObject([
    { value: '--a', written: '--a', nothing: [], split: false },
    { value: '--b', written: '--b', nothing: ['NONE', 'EMPTY'], split: false },
    { value: 'first', written: '$TWO', split: true },
    { value: 'second', written: '$TWO', split: true },
  ])
})

test('a refused variable is not read', () => {
  const asked: string[] = []
  const refuse = (name: string) => (name === 'SECRET' ? 'it is secret.' : undefined)
  const variable = (name: string) => {
    asked.push(name)
    return 'x'
  }
  for (const text of ['$SECRET', '"${SECRET}"', '${SECRET:-x}', '${SECRET:+x}', '${NONE+${SECRET}}']) {
    expect(expandWords(text, { variable, refuse })).toMatchObject({
      problem: 'line 1: $SECRET is not expanded: it is secret.',
    })
  }
  expect(asked).toEqual(['NONE'])
})

test('text that grows with every variable, or is nested too deeply, is refused', () => {
  const long = 'x'.repeat(30_000)
  expect(expandWords('$A$A$A', { variable: () => long })).toMatchObject({
    problem: 'line 1: the expanded command line is longer than 64 kB.',
  })
  const deep = `${'${A:-'.repeat(40)}x${'}'.repeat(40)}`
  expect(expandWords(deep, { variable: () => undefined })).toMatchObject({
    problem: 'line 1: variables are nested too deeply.',
  })
})

test('property: the words are those of bash', () => {
  const atom = fc.constantFrom(
    ...['a', '-', '--test', '/', '{arch}', ' ', '  ', '\t', '\\\n', '\\a', '\\$', '\\"', "''", '""', "'q $ONE'"],
    ...[
      '$ONE',
      '${ONE}',
      '$TWO',
      '"$TWO"',
      '"x ${TWO} y"',
      '$EMPTY',
      '"$EMPTY"',
      '$WIDE',
      '"$WIDE"',
      '$NONE',
      '"$NONE"',
    ],
    ...['$QUOTED', '"$QUOTED"', '"\\$ONE \\x"', '${NONE:-d e}', '"${NONE:-d e}"', '${EMPTY-d}', '${EMPTY:-"d  e" f}'],
    ...['${TWO:+g $TWO}', '"${TWO:+g $TWO}"', '${NONE:+h}', '${NONE-${TWO}}', 'é', '=', ',', ':', '.', '%', '@', '~x'],
  )
  const line = fc.array(atom, { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(line, { minLength: 50, maxLength: 50 }), (texts) => {
      // A tilde at the beginning of a word is the home folder to a shell; here it is a letter.
      const plain = texts.map((text) => text.replaceAll(/(^|[\s=:])~/g, '$1-~'))
      expect(plain.map(words)).toEqual(bashWords(plain))
    }),
    { numRuns: 60 },
  )
})
