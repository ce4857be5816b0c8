// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import { chainOf, copiedSources, namesIn, readDockerfile, stageIndex } from '../../src/dockerfile/dockerfile.ts'
import { saidOf } from '../addon/messages.ts'

const read = (text: string) => readDockerfile(text, 'x/Dockerfile')
const dockerfileOf = (text: string) => {
  const { dockerfile } = read(text)
  if (!dockerfile) throw new Error(`${text} is not read`)
  return dockerfile
}
const stageOf = (text: string) => dockerfileOf(`FROM a\n${text}`).stages[0]

test.each(
  Object.entries({
    '': 'error dockerfile/no-from 1:1 The Dockerfile has no FROM. Begin it with "FROM" and the base image.',
    '# only a comment':
      'error dockerfile/no-from 1:1 The Dockerfile has no FROM. Begin it with "FROM" and the base image.',
    FROM: 'error dockerfile/empty-from 1:1 FROM names no image. Write the base image after FROM.',
    'FROM --platform=x': 'error dockerfile/empty-from 1:1 FROM names no image. Write the base image after FROM.',
    'FORM a\nRUN x': 'error dockerfile/unknown-instruction 1:1 "FORM" is not an instruction. Did you mean "FROM"?',
    'FORM a\nRUN x\nFROM b':
      'error dockerfile/unknown-instruction 1:1 "FORM" is not an instruction. Did you mean "FROM"?',
    'FROM a\nrnu x\n ENTRYPIONT x':
      'error dockerfile/unknown-instruction 2:1 "RNU" is not an instruction. Did you mean "RUN"?\nerror dockerfile/unknown-instruction 3:2 "ENTRYPIONT" is not an instruction. Did you mean "ENTRYPOINT"?',
    'FROM a\nENVV x': 'error dockerfile/unknown-instruction 2:1 "ENVV" is not an instruction. Did you mean "ENV"?',
    'FROM a\nINSTALL x': '',
    'INSTALL x\nFROM a': '',
    'ENV A=1\nUSER x\nARG B\nFROM a':
      'error dockerfile/before-from 1:1 ENV is before the first FROM. Only ARG is allowed there. Move it below the FROM.',
    'RUN x': 'error dockerfile/no-from 1:1 The Dockerfile has no FROM. Begin it with "FROM" and the base image.',
    'ARG A': 'error dockerfile/no-from 1:1 The Dockerfile has no FROM. Begin it with "FROM" and the base image.',
    'FROM a AS x\nFROM b AS X\nFROM c as y':
      'warning dockerfile/repeated-stage 2:1 Two stages are called "X". The later one is used. Rename one of them.',
    'FROM a AS x\n\nFROM b AS x\nFROM c AS x':
      'warning dockerfile/repeated-stage 3:1 Two stages are called "x". The later one is used. Rename one of them.\nwarning dockerfile/repeated-stage 4:1 Two stages are called "x". The later one is used. Rename one of them.',
    'FROM a x y\nFROM b AS y': '',
    'FROM a AS\nFROM b AS': '',
    'COPPY . .':
      'error dockerfile/unknown-instruction 1:1 "COPPY" is not an instruction. Did you mean "COPY"?\nerror dockerfile/no-from 1:1 The Dockerfile has no FROM. Begin it with "FROM" and the base image.',
    'from a\nrun x': '',
  }),
)('%j is answered with %j', (text, expected) => {
  const { diagnostics } = read(text)
  expect(saidOf(diagnostics)).toBe(expected)
  expect(diagnostics.every(({ where }) => where?.file === 'x/Dockerfile')).toBe(true)
})

test.each([
  ['AGR', 'ARG'],
  ['CDM', 'CMD'],
  ['COYP', 'COPY'],
  ['ENTRYPOITN', 'ENTRYPOINT'],
  ['EVN', 'ENV'],
  ['EXPOES', 'EXPOSE'],
  ['FRMO', 'FROM'],
  ['HEALTHCHEKC', 'HEALTHCHECK'],
  ['LABLE', 'LABEL'],
  ['MAINTAINRE', 'MAINTAINER'],
  ['ONBUIDL', 'ONBUILD'],
  ['RNU', 'RUN'],
  ['SHELLL', 'SHELL'],
  ['ADDD', 'ADD'],
  ['STOPSIGNLA', 'STOPSIGNAL'],
  ['USRE', 'USER'],
  ['VOLUEM', 'VOLUME'],
  ['WORKDRI', 'WORKDIR'],
])('the slip %s is not %s', (slip, keyword) => {
  expect(read(`FROM a\n${slip} x`).diagnostics.map(({ remedy }) => remedy)).toEqual([`Did you mean "${keyword}"?`])
  expect(read(`FROM a\n${keyword} x`).diagnostics).toEqual([])
})

test('a Dockerfile has no optional parts without instructions for them', () => {
  expect(dockerfileOf('FROM a')).toEqual({
    file: 'x/Dockerfile',
    text: 'FROM a',
    escape: '\\',
    globalArguments: new Map(),
    stages: [
      {
        from: 'a',
        line: 1,
        labels: new Map(),
        arguments: new Map(),
        environment: new Map(),
        instructions: [],
      },
    ],
    usesBuildFrom: false,
  })
})

test.each<[string, readonly (readonly [string, string | undefined])[]]>([
  [
    'ARG A B=1 C=x=y',
    [
      ['A', undefined],
      ['B', '1'],
      ['C', 'x=y'],
    ],
  ],
  [
    'ARG A=1 B=2',
    [
      ['A', '1'],
      ['B', '2'],
    ],
  ],
  [
    'ARG A="b c" D=',
    [
      ['A', '"b c"'],
      ['D', ''],
    ],
  ],
  ['ARG A\nARG A=2', [['A', '2']]],
  [
    'ARG T U="x y"',
    [
      ['T', undefined],
      ['U', '"x y"'],
    ],
  ],
  ['ARG', []],
])('%j before FROM declares %j', (text, expected) => {
  expect([...dockerfileOf(`${text}\nFROM a`).globalArguments]).toEqual(expected)
  expect([...(stageOf(text)?.arguments ?? [])]).toEqual(expected)
  expect([...dockerfileOf(`FROM a\n${text}`).globalArguments]).toEqual([])
})

test.each<[string, object, object]>([
  ['ENV A b c', { A: 'b c' }, {}],
  ['ENV A=b C="d e"', { A: 'b', C: '"d e"' }, {}],
  ['ENV A=b\\ c', { A: 'b\\ c' }, {}],
  ['ENV A=', { A: '' }, {}],
  ['ENV A="x \\\ny"', { A: '"x y"' }, {}],
  ['ENV A="x\\\n  y" \\\n  B=1', { A: '"x  y"', B: '1' }, {}],
  ['ENV A="x\\\n# a comment\n  y"', { A: '"x  y"' }, {}],
  ['LABEL a=b "c d"=e', {}, { a: 'b', 'c d': 'e' }],
  ['LABEL a b', {}, { a: 'b' }],
  ['LABEL a="x\\ \t\r\ny" b=1', {}, { a: '"xy"', b: '1' }],
  ['LABEL a', {}, { a: '' }],
])('%j gives variables %j and labels %j', (text, environment, labels) => {
  expect(Object.fromEntries(stageOf(text)?.environment ?? [])).toEqual(environment)
  expect(Object.fromEntries(stageOf(text)?.labels ?? [])).toEqual(labels)
})

test.each([
  ['FROM a as B', { from: 'a', name: 'B' }],
  ['FROM a x B', { from: 'a' }],
  ['FROM a AS', { from: 'a' }],
  ['from a As b c', { from: 'a', name: 'b' }],
  ['FROM --platform=p a AS b', { from: 'a', name: 'b', platform: 'p' }],
  ['FROM --x=y a', { from: 'a' }],
  ['FROM --platform a', { from: 'a' }],
])('the stage of %j is %j', (text, expected) => {
  const { from, name, platform } = dockerfileOf(text).stages[0] ?? {}
  expect({ from, ...(name !== undefined && { name }), ...(platform !== undefined && { platform }) }).toEqual(expected)
})

test.each<[string, readonly string[] | undefined]>([
  ['', undefined],
  ['COPY --from=x a b', ['x']],
  ['COPY --from=x --from=y', ['x', 'y']],
  ['COPY --from=x a\nCOPY --from=y b\nCOPY --from=x', ['x', 'y']],
  ['COPY --from= a', undefined],
  ['RUN --mount=type=bind,from=x,source=y a', ['x']],
  ['RUN --mount=from=x --mount=type=cache,from=y', ['x', 'y']],
  ['RUN --mount=type=bind,xfrom=y', undefined],
  ['COPY -from=x', undefined],
  ['# syntax=docker/dockerfile:1', ['docker/dockerfile:1']],
  ['#\tSYNTAX = a/b c', ['a/b']],
  ['\n# syntax=x', undefined],
  ['x # syntax=y', undefined],
  ['# COPY --from=z', ['z']],
  [`COPY --from=${'x'.repeat(600)}`, ['x'.repeat(512)]],
])('%j takes something from %j', (text, expected) => {
  expect(dockerfileOf(`${text}\nFROM a`).takesFrom).toEqual(expected)
})

test('the first 200 images that a Dockerfile takes files from are kept', () => {
  const lines = Array.from({ length: 201 }, (_, index) => `COPY --from=i${index} a b`)
  const taken = dockerfileOf(`FROM a\n${lines.join('\n')}`).takesFrom
  expect([taken?.length, taken?.at(-1)]).toEqual([200, 'i199'])
})

test.each<[string, readonly string[]]>([
  ['$A', ['A']],
  ['${A:-$B}', ['A', 'B']],
  ['a$1', []],
  ['$_a9-', ['_a9']],
  ['$$A', ['A']],
  ['A${}', []],
  ['$A$B', ['A', 'B']],
])('%s uses %j', (text, names) => {
  expect(namesIn(text)).toEqual(names)
})

test.each<[string, number, string]>([
  ['# escape=`\nFROM a\nRUN b `\n "x <<A"\nFROM c', 2, '`'],
  ['# syntax=x\n#Escape = `\nFROM a\nRUN b `\n "x <<A"\nFROM c', 2, '`'],
  ['# escape=\\\nFROM a\nRUN b \\\n "x <<A"\nFROM c', 2, '\\'],
  ['FROM a\n# escape=`\nRUN b \\\n "x <<A"\nFROM c', 2, '\\'],
  ['# why\n# escape=`\nFROM a\nRUN b \\\n "x <<A"\nFROM c', 2, '\\'],
])('%j has %d stages, and the escape character %s', (text, stages, escaper) => {
  expect(dockerfileOf(text).stages).toHaveLength(stages)
  expect(dockerfileOf(text).escape).toBe(escaper)
})

test.each([
  ['ARG BUILD_FROM\nFROM $BUILD_FROM', true],
  ['ARG BUILD_FROM\nFROM a\nFROM x/${BUILD_FROM:-y} AS z', true],
  ['ARG BUILD_FROM\nFROM a', false],
  ['FROM a\nARG BUILD_FROM\nFROM $BUILD_FROM', false],
])('%j uses BUILD_FROM: %s', (text, expected) => {
  expect(dockerfileOf(text).usesBuildFrom).toBe(expected)
})

test('a name of a stage means the last one before it', () => {
  const dockerfile = dockerfileOf('FROM a AS x\nFROM X AS y\nFROM x AS x\nFROM y\nFROM X')
  expect(dockerfile.stages.map(({ parent }) => parent)).toEqual([undefined, 0, 0, 1, 2])
  expect([stageIndex(dockerfile, 'X'), stageIndex(dockerfile, 'z')]).toEqual([2, -1])
  expect([3, 4].map((last) => chainOf(dockerfile.stages, last).map(({ line }) => line))).toEqual([
    [1, 2, 4],
    [1, 3, 5],
  ])
})

test('the sources of COPY and ADD are those of the build context', () => {
  const text = 'FROM a\nCOPY --chown=1:1 b c/ /d\nADD ["e f", "/g"]\nCOPY --from=x y /z\nRUN <<E\nCOPY h /i\nE\n'
  expect(copiedSources(dockerfileOf(text))).toEqual(['b', 'c/', 'e f'])
})
