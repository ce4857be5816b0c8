// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import fc from 'fast-check'
import { baseOf, labelsInDockerfile } from '../../src/dockerfile/base-of.ts'
import { readDockerfile, stageIndex } from '../../src/dockerfile/dockerfile.ts'
import { expand } from '../../src/dockerfile/expand.ts'
import { onlyRealHeredocs } from '../../src/dockerfile/heredocs.ts'

const read = (text: string) => {
  const { dockerfile, diagnostics } = readDockerfile(text, 'Dockerfile')
  if (!dockerfile) throw new Error(JSON.stringify(diagnostics))
  return dockerfile
}
const base = (text: string, args: Readonly<Record<string, string>> = {}, stage?: string) =>
  baseOf(read(text), stage, 'aarch64', new Map(Object.entries(args)))

test('global arguments, stages, health check and user', () => {
  const dockerfile = read(`# escape=\\
ARG BUILD_FROM=alpine:3 OTHER
ARG QUOTED="a b"
FROM --platform=$BUILDPLATFORM golang:1 AS build
ARG INNER=1
RUN <<END
FROM nothing
HEALTHCHECK NONE
END
HEALTHCHECK CMD true
FROM \${BUILD_FROM} as final
USER app
HEALTHCHECK --interval=5s CMD ["/healthy"]
`)
  expect([...dockerfile.globalArguments]).toEqual([
    ['BUILD_FROM', 'alpine:3'],
    ['OTHER', undefined],
    ['QUOTED', '"a b"'],
  ])
  expect(dockerfile.stages).toMatchObject([
    { from: 'golang:1', platform: '$BUILDPLATFORM', name: 'build', line: 4 },
    { from: '${BUILD_FROM}', name: 'final', line: 11 },
  ])
  expect(dockerfile).toMatchObject({ usesBuildFrom: true })
})

test.each<[string, string, Readonly<Record<string, string>>, object]>([
  ['a default', 'ARG BUILD_FROM=a/b:1\nFROM $BUILD_FROM', {}, { image: 'a/b:1' }],
  [
    'an argument before the default',
    'ARG BUILD_FROM=a/b:1\nFROM ${BUILD_FROM}',
    { BUILD_FROM: 'c/d:2' },
    { image: 'c/d:2' },
  ],
  ['no value', 'ARG BUILD_FROM\nFROM $BUILD_FROM', {}, { blank: '$BUILD_FROM', line: 2 }],
  ['an argument without a declaration', 'FROM $BUILD_FROM', { BUILD_FROM: 'a/b' }, { blank: '$BUILD_FROM' }],
  ['a default of another argument', 'ARG V=3.19\nARG B=alpine:${V}\nFROM $B', { V: '3.20' }, { image: 'alpine:3.20' }],
  ['a default in place', 'ARG B\nFROM ${B:-alpine:3}', {}, { image: 'alpine:3' }],
  ['nested defaults', 'ARG B\nARG C=x\nFROM ${B:-${C:-y}/z}', {}, { image: 'x/z' }],
  ['the architecture', 'FROM alpine-$TARGETARCH', {}, { image: 'alpine-arm64' }],
  ['an earlier stage', 'FROM a:1 AS one\nFROM ONE AS two\nFROM two', {}, { image: 'a:1', line: 1 }],
  [
    'a stage chosen by an argument',
    'ARG WHICH=x\nFROM a:1 AS x\nFROM b:1 AS y\nFROM $WHICH',
    { WHICH: 'y' },
    { image: 'b:1' },
  ],
  ['a platform', 'FROM --platform=linux/amd64 a:1', {}, { image: 'a:1', platform: 'linux/amd64' }],
  ['a form that only BuildKit knows', 'ARG B=x\nFROM ${B%y}', {}, { unknown: '${B%y}' }],
  ['a stage of the same name as its base', 'FROM alpine AS alpine\nFROM alpine', {}, { image: 'alpine', line: 1 }],
])('the base by %s', (_, text, args, expected) => {
  expect(base(text, args)).toMatchObject(expected)
})

test('a stage by name or number', () => {
  const dockerfile = read('FROM a AS one\nFROM b\nFROM c AS three')
  expect([undefined, 'one', 'THREE', '1', '3', 'x', '-1'].map((stage) => stageIndex(dockerfile, stage))).toEqual([
    2, 0, 2, 1, -1, -1, -1,
  ])
})

test.each([
  ['', ['dockerfile/no-from']],
  ['# only a comment', ['dockerfile/no-from']],
  ['FROM', ['dockerfile/empty-from']],
  ['FORM a\nRUN x', ['dockerfile/unknown-instruction']],
  ['FROM a\nrnu x\nENTRYPIONT x', ['dockerfile/unknown-instruction', 'dockerfile/unknown-instruction']],
  ['# syntax=example/other\nFROM a\nINSTALL x', []],
  ['ENV A=1\nUSER x\nARG B\nFROM a', ['dockerfile/before-from']],
  ['RUN x', ['dockerfile/no-from']],
  ['FROM a\nRUN cat <<E\nFORM\nE', []],
  ['FROM a AS x\nFROM b AS X', ['dockerfile/repeated-stage']],
  ['ARG BUILD_FROM_OTHER=a\nFROM $BUILD_FROM_OTHER', []],
])('%j', (text, codes) => {
  expect(readDockerfile(text, 'Dockerfile').diagnostics.map(({ code }) => code)).toEqual(codes)
})

test.each([
  ['RUN sh -c "cat <<EOF > /x"', 1],
  ["RUN sh -c 'x; cat <<-EOF' && y", 1],
  ['RUN ["sh", "-c", "cat <<EOF"]', 1],
  ['RUN cat<<EOF', 1],
  ['RUN a << b', 1],
  ['RUN cat <<< x', 1],
  ['RUN echo \\\n# why\n  "a" \\\n\n  "<<EOF b"', 1],
  ['ENV A="x <<EOF"', 1],
  ['RUN cat <<"EOF" > /x\nFROM no\nEOF', 1],
  ['RUN 3<<EOF cat\nFROM no\nEOF', 1],
  ['RUN <<-A cat <<B\r\nFROM no\r\n\tA\r\nFROM no\r\nB\r', 1],
  ['COPY <<A <<B /\nFROM "no <<X\nA\nFROM no\nB', 1],
  ['RUN <<EOF\necho "<<X"\nEOF\nRUN echo "<<Y"\nFROM two', 2],
])('here-documents are those of BuildKit: %j', (text, stages) => {
  const dockerfile = read(`FROM a\n${text}\nUSER last\n`)
  expect(dockerfile.stages).toHaveLength(stages)
  expect(dockerfile.stages.at(-1)?.instructions.at(-1)).toMatchObject({ keyword: 'USER', text: 'last' })
})

test('masking keeps the length and the line ends of a text', () => {
  const part = fc.constantFrom(
    'RUN ',
    'COPY ',
    '<<',
    '<<-',
    'EOF',
    '"',
    "'",
    '\\',
    ' ',
    '\n',
    '\r\n',
    '#',
    '3',
    '[',
    ']',
    '`',
  )
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 30 }).map((parts) => parts.join('')),
      fc.constantFrom('\\', '`'),
      (text, escaper) => {
        const masked = onlyRealHeredocs(text, escaper)
        expect(masked.replaceAll(/[^\r\n]/g, 'x')).toBe(text.replaceAll(/[^\r\n]/g, 'x'))
      },
    ),
  )
})

test('any text is parsed without throwing', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'FROM a AS b',
      'ARG X=',
      'ARG',
      'FROM',
      'HEALTHCHECK',
      'USER',
      'RUN <<E',
      'FROM ${',
      'ARG A=${A}',
      '\\',
    ),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const { dockerfile } = readDockerfile(lines.join('\n'), 'Dockerfile')
      if (dockerfile) baseOf(dockerfile, undefined, 'amd64', new Map())
    }),
  )
})

test.each([
  ['$A-${A}', '1-1'],
  ['\\$A', '$A'],
  [`'$A'"$A \\$A \\x \\\\"`, '$A1 $A \\x \\'],
  ['a\\ b', 'a b'],
  ['${A:+yes}${B:+no}${B-none}${C-none}', 'yesnone'],
  ['${A', undefined],
  ['$', undefined],
])('%s becomes %s', (text, expected) => {
  const values: Readonly<Record<string, string>> = { A: '1', C: '' }
  expect(expand(text, (name) => values[name])).toBe(expected)
})

test('a stage has its own labels and those of the stage that it is built on, without empty ones', () => {
  const dockerfile = read(`ARG BUILD_VERSION=0
FROM a AS base
ARG BUILD_NAME
LABEL io.hass.name="\${BUILD_NAME}" title=base
FROM base
ARG BUILD_VERSION BUILD_REF
ENV WHO="me and $BUILD_VERSION"
LABEL title='a $x' by="$WHO" \\
      ref=$BUILD_REF version=\${BUILD_VERSION:-none}
`)
  const labels = labelsInDockerfile(dockerfile, undefined, 'amd64', new Map([['BUILD_NAME', 'N']]))
  expect(Object.fromEntries(labels)).toEqual({ 'io.hass.name': 'N', title: 'a $x', by: 'me and 0', version: '0' })
  expect([...labelsInDockerfile(dockerfile, 'base', 'amd64', new Map())]).toEqual([['title', 'base']])
})
