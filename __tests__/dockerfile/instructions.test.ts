import fc from 'fast-check'
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

test.each([
  ['# a\rb\nFROM alpine:3.20\nRUN x\n', ['FROM alpine:3.20', 'RUN x']],
  [
    'FROM a:1 AS build\nRUN printf "a\rb"\nFROM debian:12\nCOPY x y\n',
    ['FROM a:1 AS build', 'RUN printf "a b"', 'FROM debian:12', 'COPY x y'],
  ],
  ['FROM a:1\r\r\nRUN x\r\r\n', ['FROM a:1', 'RUN x']],
  [
    '# c\rd\nFROM evil.example/unsigned:1\nENV ghcr.io/home-assistant/base:3.20 AS',
    ['FROM evil.example/unsigned:1', 'ENV ghcr.io/home-assistant/base:3.20 AS'],
  ],
])('a carriage return does not end a line: %j', (text, expected) => {
  const found = read(text)
  expect(found.map(({ keyword, text: rest }) => `${keyword} ${rest}`)).toEqual(expected)
  for (const { keyword, where } of found) expect(text.split('\n')[where.line - 1]).toContain(keyword)
})

test('every instruction is in the line that BuildKit reads it from, whatever characters a Dockerfile has', () => {
  const piece = fc.constantFrom(
    'FROM a:1',
    'RUN x',
    'ENV A=1',
    '\n',
    '\n',
    '\r',
    '\r\n',
    '\u2028',
    '\f',
    '\v',
    ' ',
    '#',
    'é',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('')
      const lines = text.split('\n')
      for (const { keyword, where } of read(text)) {
        const there = lines[where.line - 1]?.slice(where.column - 1, where.column - 1 + keyword.length)
        expect(there?.toUpperCase()).toBe(keyword)
      }
    }),
  )
})
