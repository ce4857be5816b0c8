import { readInstructions } from '../../src/dockerfile/instructions.ts'

const read = (text: string) => readInstructions(text, 'Dockerfile').instructions

test('understands the escape directive, comments between lines and CRLF', () => {
  const text = [
    '# escape=`',
    'FROM a:1',
    'RUN apk add `',
    '  # a compiler',
    '  gcc `',
    '',
    '  g++',
    'ENV A=1',
    '',
  ].join('\r\n')
  expect(read(text)).toMatchObject([
    { keyword: 'FROM', where: { file: 'Dockerfile', line: 2, column: 1 }, text: 'a:1' },
    { keyword: 'RUN', where: { line: 3 }, text: expect.stringMatching(/^apk add\s+gcc\s+g\+\+$/) },
    { keyword: 'ENV', where: { line: 8 }, pairs: [['A', '1']] },
  ])
})

test('keeps the lines of a here-document, also those that look like comments', () => {
  expect(read('FROM a\nRUN <<EOF\n# why\nmake\nEOF\nUSER b\n').map(({ text }) => text)).toEqual([
    'a',
    '<<EOF\n# why\nmake\nEOF',
    'b',
  ])
})

test.each<[string, Readonly<Record<string, readonly string[]>>, string]>([
  ['HEALTHCHECK --interval=5s --start-period=60s CMD x', { interval: ['5s'], 'start-period': ['60s'] }, 'CMD x'],
  [
    'RUN --mount=type=cache,target=/a \\\n  --mount=type=bind,from=b \\\n  make',
    { mount: ['type=cache,target=/a', 'type=bind,from=b'] },
    'make',
  ],
  ['COPY --link --from=x a --b', { link: [''], from: ['x'] }, 'a --b'],
  ['RUN curl --fail x', {}, 'curl --fail x'],
  ['FROM --platform=x', { platform: ['x'] }, ''],
])('%j has the flags %j before %j', (text, flags, rest) => {
  const [instruction] = read(text)
  expect(Object.fromEntries(instruction?.flags ?? [])).toEqual(flags)
  expect(instruction?.text).toBe(rest)
})

test.each([
  ['RUN ["a", "b c"]', ['a', 'b c']],
  ['RUN ["a", 1]', undefined],
  ['RUN ["a"', undefined],
  ['RUN a', undefined],
])('the JSON form of %j is %j', (text, json) => {
  expect(read(text)[0]?.json).toEqual(json)
})
