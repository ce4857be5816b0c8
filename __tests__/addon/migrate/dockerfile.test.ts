// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.

import { type DockerfileValues, migrateDockerfile, oneBase, quote } from '../../../src/addon/migrate/dockerfile.ts'
import type { Architecture } from '../../../src/core/architecture.ts'

type Pairs = Readonly<Record<string, string>>
const migrated = (
  text: string,
  { bases = {}, args = {}, labels = {} }: { bases?: Pairs; args?: Pairs; labels?: Pairs },
) =>
  migrateDockerfile(text, 'a/Dockerfile', {
    bases: new Map(Object.entries(bases)) as DockerfileValues['bases'],
    args: new Map(Object.entries(args)),
    labels: new Map(Object.entries(labels)),
  })

describe('bases that are written into a Dockerfile', () => {
  const one = { amd64: 'a/b:1' }
  const two = { amd64: 'a/b:1', armv7: 'c/d:2' }
  const chosen = 'ARG BUILD_ARCH=amd64\nARG BUILD_FROM=build-from-${BUILD_ARCH}\n'
  const stages = 'FROM a/b:1 AS build-from-amd64\nFROM c/d:2 AS build-from-armv7\n\n'

  test.each<[string, string, Pairs, string]>([
    [
      'a default in place, with an ARG',
      'ARG BUILD_FROM\nFROM ${BUILD_FROM:-x}\n',
      one,
      'ARG BUILD_FROM=a/b:1\nFROM ${BUILD_FROM:-x}\n',
    ],
    ['a variable in braces, without an ARG', 'FROM ${BUILD_FROM}\n', one, 'ARG BUILD_FROM=a/b:1\nFROM ${BUILD_FROM}\n'],
    [
      'a variable within a name, without an ARG',
      'FROM $BUILD_FROM-x\n',
      one,
      'ARG BUILD_FROM=a/b:1\nFROM $BUILD_FROM-x\n',
    ],
    [
      'an ARG in the stage only',
      'FROM $BUILD_FROM\nARG BUILD_FROM\n',
      one,
      'ARG BUILD_FROM=a/b:1\nFROM $BUILD_FROM\nARG BUILD_FROM\n',
    ],
    [
      'a second stage on it',
      'ARG BUILD_FROM\nFROM x\nFROM $BUILD_FROM\n',
      one,
      'ARG BUILD_FROM=a/b:1\nFROM x\nFROM $BUILD_FROM\n',
    ],
    [
      'a byte order mark',
      '\uFEFFARG BUILD_FROM\nFROM $BUILD_FROM\n',
      one,
      '\uFEFFARG BUILD_FROM=a/b:1\nFROM $BUILD_FROM\n',
    ],
    [
      'a comment, the line ends of Windows',
      '# c\r\nFROM $BUILD_FROM\r\n',
      one,
      '# c\r\nARG BUILD_FROM=a/b:1\r\nFROM $BUILD_FROM\r\n',
    ],
    [
      'a version in the base',
      'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
      { amd64: 'a/b:{version}' },
      'ARG BUILD_VERSION=dev\nARG BUILD_FROM=a/b:${BUILD_VERSION}\nFROM $BUILD_FROM\n',
    ],
    [
      'an ARG before it without a default',
      'ARG BUILD_ARCH\nARG BUILD_FROM\nFROM $BUILD_FROM\n',
      { amd64: 'x/amd64', armv7: 'x/armv7' },
      'ARG BUILD_ARCH=amd64\nARG BUILD_FROM=x/${BUILD_ARCH}\nFROM $BUILD_FROM\n',
    ],
    [
      'an ARG before it with a default',
      'ARG BUILD_ARCH=armv7\nARG BUILD_FROM\nFROM $BUILD_FROM\n',
      { amd64: 'x/amd64', armv7: 'x/armv7' },
      'ARG BUILD_ARCH=armv7\nARG BUILD_FROM=x/${BUILD_ARCH}\nFROM $BUILD_FROM\n',
    ],
    [
      'the first architecture that it is for as the default',
      'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
      { armv7: 'x/armv7', amd64: 'x/amd64' },
      'ARG BUILD_ARCH=armv7\nARG BUILD_FROM=x/${BUILD_ARCH}\nFROM $BUILD_FROM\n',
    ],
    ['bases without a pattern', 'ARG BUILD_FROM\nFROM $BUILD_FROM\n', two, `${chosen}${stages}FROM $BUILD_FROM\n`],
    [
      'bases without a pattern, with a version',
      'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
      { amd64: 'a/b:{version}', armv7: 'c/{arch}:2' },
      `${chosen}ARG BUILD_VERSION=dev\nFROM a/b:\${BUILD_VERSION} AS build-from-amd64\nFROM c/\${BUILD_ARCH}:2 AS build-from-armv7\n\nFROM $BUILD_FROM\n`,
    ],
    [
      'stages that have such names already, in any case',
      'ARG BUILD_FROM\nFROM x AS Build-From-1\nFROM y AS xbuild-from-2\nFROM $BUILD_FROM\n',
      two,
      `${`${chosen}${stages}`.replaceAll('build-from-', 'xxbuild-from-')}FROM x AS Build-From-1\nFROM y AS xbuild-from-2\nFROM $BUILD_FROM\n`,
    ],
  ])('fit %s', (_, text, bases, expected) => {
    expect(migrated(text, { bases })).toEqual({ text: expected, diagnostics: [] })
  })

  test.each([
    ['COPY --from=0 /a /b', 'COPY --from=2 /a /b'],
    ['ADD --from=10 /a /b', 'ADD --from=12 /a /b'],
    ['COPY --chown=0 --from=1 /from=0 /b', 'COPY --chown=0 --from=3 /from=0 /b'],
    ['COPY --from=build /a /b', undefined],
    ['COPY --from=0x /a /b', undefined],
    ['COPY /--from=x /b', undefined],
    [
      'RUN --mount=type=bind,from=0 --mount=from=1,target=/x true --from=0',
      'RUN --mount=type=bind,from=2 --mount=from=3,target=/x true --from=0',
    ],
    ['RUN --mount=type=cache,target=/x echo from=0 ', undefined],
    ['RUN --mount=type=bind,from=0x,target=/x true', undefined],
    ['RUN --mount=type=bind,xfrom=0,target=/x true', undefined],
    ['CMD echo --from=0 --mount=from=0 x', undefined],
    ['ENV A="--from=0 "', undefined],
  ])('as stages count the others anew: %s', (line, expected) => {
    const { text } = migrated(`ARG BUILD_FROM\nFROM $BUILD_FROM\n${line}\n`, { bases: two })
    expect(text).toBe(`${chosen}${stages}FROM $BUILD_FROM\n${expected ?? line}\n`)
  })

  test.each([
    ['FROM x\n'],
    ['ARG BUILD_FROM\nFROM x\n'],
    ['ARG BUILD_FROM\nFROM $BUILD_FROM_2\n'],
    ['FROM $BUILD_FROMx\n'],
    ['FROM ${BUILD_FROM:-x}\n'],
  ])('are left out if nothing uses them, with a notice: %j', (text) => {
    expect(migrated(`# top\n${text}`, { bases: two })).toEqual({
      text: `# top\n${text}`,
      diagnostics: [
        expect.objectContaining({
          severity: 'notice',
          code: 'migrate/unused',
          message: 'The Dockerfile does not use BUILD_FROM, so "build_from" is removed.',
          remedy: 'No action is needed.',
          where: { file: 'a/Dockerfile', line: text.startsWith('ARG') ? 3 : 2, column: 1 },
        }),
      ],
    })
  })

  test('are not written into a file without FROM', () => {
    expect(migrated('ARG A\n', { bases: two, args: { A: '1' }, labels: { a: 'b' } })).toEqual({
      text: 'ARG A\n',
      diagnostics: [],
    })
  })

  test('do not change the file if there are none', () => {
    expect(migrated('FROM x\n', {})).toEqual({ text: 'FROM x\n', diagnostics: [] })
  })

  test.each<[string, Readonly<Partial<Record<Architecture, string>>>, string | undefined]>([
    ['none', {}, undefined],
    ['one', { amd64: 'a/amd64:1' }, 'a/amd64:1'],
    ['two equal ones that name an architecture', { amd64: 'a/amd64', armv7: 'a/amd64' }, 'a/amd64'],
    ['two that name their own, twice', { amd64: 'amd64/amd64', armv7: 'armv7/armv7' }, '{arch}/{arch}'],
    ['two of three alike', { amd64: 'a/amd64', armv7: 'a/armv7', aarch64: 'b' }, undefined],
    ['two that differ', { amd64: 'a', armv7: 'b' }, undefined],
  ])('become one text, where they can: %s', (_, bases, expected) => {
    expect(oneBase(new Map(Object.entries(bases)) as never)).toBe(expected)
  })
})

describe('arguments that are written into a Dockerfile', () => {
  test.each<[string, string, Pairs, string]>([
    [
      'each declaration',
      'ARG V\nFROM a\nARG V=0\nFROM b\nARG W\nARG V\n',
      { V: '1' },
      'ARG V=1\nFROM a\nARG V=1\nFROM b\nARG W\nARG V=1\n',
    ],
    ['one of several on a line', 'FROM a\nARG U V W=1\n', { V: '1' }, 'FROM a\nARG U V=1 W=1\n'],
    ['one whose value has an equals sign', 'FROM a\nARG U V=x=y W\n', { V: '1' }, 'FROM a\nARG U V=1 W\n'],
    [
      'one after a value in quotes with spaces',
      'FROM a\nARG U="x y" V=\'z w\'\n',
      { V: '1' },
      'FROM a\nARG U="x y" V=1\n',
    ],
    [
      'one after a word and a value in quotes with spaces',
      'FROM a\nARG T U="x y" V\n',
      { V: '1' },
      'FROM a\nARG T U="x y" V=1\n',
    ],
    [
      'one on a line that goes on',
      'FROM a\nARG U=1 \\\n  # c\n  V="a \\\n b" W\n',
      { V: '1', W: '2' },
      'FROM a\nARG U=1 \\\n  # c\n  V=1 W=2\n',
    ],
    ['one whose value goes on', 'FROM a\nARG V=a\\\nb\n', { V: '1' }, 'FROM a\nARG V=1\n'],
    [
      'a value in quotes with spaces, after a word',
      'FROM a\nARG T V="x  y z" W\n',
      { V: '1' },
      'FROM a\nARG T V=1 W\n',
    ],
    [
      'a value with a quote in it, after a word',
      `FROM a\nARG T V="x \\" 'y" W\n`,
      { V: '1', W: '2' },
      'FROM a\nARG T V=1 W=2\n',
    ],
    [
      'a value in single quotes, after a word',
      `FROM a\nARG T V='x " \\' W\n`,
      { V: '1', W: '2' },
      'FROM a\nARG T V=1 W=2\n',
    ],
    [
      'a value with an escaped quote, after a word',
      'FROM a\nARG T V=x\\"y W\n',
      { V: '1', W: '2' },
      'FROM a\nARG T V=1 W=2\n',
    ],
    ['no other whose name begins alike', 'FROM a\nARG VV\nARG V\n', { V: '1' }, 'FROM a\nARG VV\nARG V=1\n'],
    [
      'placeholders before the first FROM, which need a default',
      'ARG V\nFROM a\n',
      { V: '{arch}-{version}' },
      'ARG BUILD_ARCH=amd64\nARG BUILD_VERSION=dev\nARG V=${BUILD_ARCH}-${BUILD_VERSION}\nFROM a\n',
    ],
    [
      'placeholders whose variables are declared already',
      'FROM a\nARG BUILD_ARCH\nARG V\n',
      { V: '{arch}' },
      'FROM a\nARG BUILD_ARCH\nARG V=${BUILD_ARCH}\n',
    ],
    [
      'placeholders whose variables are declared too late',
      'FROM a\nARG V\nARG BUILD_ARCH\n',
      { V: '{arch}' },
      'FROM a\nARG BUILD_ARCH\nARG V=${BUILD_ARCH}\nARG BUILD_ARCH\n',
    ],
    [
      'placeholders whose variables are declared in another stage',
      'FROM a\nARG BUILD_ARCH\nFROM b\nARG V\n',
      { V: '{arch}' },
      'FROM a\nARG BUILD_ARCH\nFROM b\nARG BUILD_ARCH\nARG V=${BUILD_ARCH}\n',
    ],
    [
      'several with the same placeholder, which is declared once in each stage',
      'FROM a\nARG V\nARG W\nFROM b\nARG W\n',
      { V: '{arch}', W: '{arch}' },
      'FROM a\nARG BUILD_ARCH\nARG V=${BUILD_ARCH}\nARG W=${BUILD_ARCH}\nFROM b\nARG BUILD_ARCH\nARG W=${BUILD_ARCH}\n',
    ],
    [
      'the escape character of the file',
      '# escape=`\nFROM a\nARG V\n',
      { V: 'a`b "c" \\' },
      '# escape=`\nFROM a\nARG V="a``b `"c`" \\"\n',
    ],
    [
      'the line ends of Windows',
      'FROM a\r\nARG V\r\n',
      { V: '{version}' },
      'FROM a\r\nARG BUILD_VERSION\r\nARG V=${BUILD_VERSION}\r\n',
    ],
  ])('reach %s', (_, text, args, expected) => {
    expect(migrated(text, { args })).toEqual({ text: expected, diagnostics: [] })
  })

  test('are left out if no ARG declares them, with a notice', () => {
    expect(migrated('# x\nFROM a\nENV V=1\n', { args: { V: '1' } })).toEqual({
      text: '# x\nFROM a\nENV V=1\n',
      diagnostics: [
        {
          severity: 'notice',
          code: 'migrate/unused',
          message: 'The Dockerfile has no ARG V, so the argument is removed.',
          remedy: 'No action is needed.',
          where: { file: 'a/Dockerfile', line: 2, column: 1 },
        },
      ],
    })
  })
})

describe('labels that are written into a Dockerfile', () => {
  test.each<[string, string, Pairs, string]>([
    ['the end', 'FROM a\n', { a: 'b' }, 'FROM a\n\nLABEL a=b\n'],
    [
      'the end of a last line without an end',
      'FROM a\r\nRUN x',
      { a: 'b', c: 'd' },
      'FROM a\r\nRUN x\r\n\r\nLABEL a=b \\\r\n      c=d\r\n',
    ],
    ['a name with a space, in quotes', 'FROM a\n', { 'a "b': 'c' }, 'FROM a\n\nLABEL "a \\"b"=c\n'],
    [
      'a file that ends in its escape character',
      '# escape=`\nFROM a\nRUN x `\n',
      { a: 'b', c: 'd' },
      '# escape=`\nFROM a\nLABEL a=b `\n      c=d\nRUN x `\n',
    ],
    [
      'the last FROM of a file that ends in a backslash',
      'FROM a\r\nFROM b\r\nRUN x \\',
      { a: 'b' },
      'FROM a\r\nFROM b\r\nLABEL a=b\r\nRUN x \\',
    ],
    [
      'variables that the last stage declares',
      'FROM a\nARG BUILD_ARCH\nARG BUILD_VERSION\n',
      { a: '{arch} {version}' },
      'FROM a\nARG BUILD_ARCH\nARG BUILD_VERSION\n\nLABEL a="${BUILD_ARCH} ${BUILD_VERSION}"\n',
    ],
    [
      'variables that only other stages declare',
      'ARG BUILD_ARCH\nFROM a\nARG BUILD_VERSION\nFROM b\n',
      { a: '{arch}', b: '{version}' },
      'ARG BUILD_ARCH\nFROM a\nARG BUILD_VERSION\nFROM b\n\nARG BUILD_ARCH\nARG BUILD_VERSION\nLABEL a=${BUILD_ARCH} \\\n      b=${BUILD_VERSION}\n',
    ],
  ])('reach %s', (_, text, labels, expected) => {
    expect(migrated(text, { labels })).toEqual({ text: expected, diagnostics: [] })
  })

  test('use the variables that an argument got', () => {
    expect(migrated('FROM a\nARG V\nRUN x\n', { args: { V: '{arch}' }, labels: { a: '{arch}' } }).text).toBe(
      'FROM a\nARG BUILD_ARCH\nARG V=${BUILD_ARCH}\nRUN x\n\nLABEL a=${BUILD_ARCH}\n',
    )
  })
})

test.each([
  ['1.0-a_b/c:d@e+f', '1.0-a_b/c:d@e+f'],
  ['x{arch}', 'x${BUILD_ARCH}'],
  ['{arch}{arch}{version}{version}', '${BUILD_ARCH}${BUILD_ARCH}${BUILD_VERSION}${BUILD_VERSION}'],
  ['', '""'],
  ['a b', '"a b"'],
  [' a', '" a"'],
  ['a ', '"a "'],
  ['$x', '"\\$x"'],
  ["it's", '"it\'s"'],
  ['"\\`', '"\\"\\\\`"'],
])('a Dockerfile spells %j as %s', (value, expected) => {
  expect(quote(value)).toBe(expected)
})

test.each([
  ['FROM a\nARG V=1\\\n W="a b" \\\n # note V=2\n X\n', 'FROM a\nARG V=n\\\n W=m \\\n # note V=2\n X\n'],
  ['FROM a\nARG \\\nV=1\\\n2 W\n', 'FROM a\nARG \\\nV=n W=m\n'],
  ['FROM a\r\nARG V=1 \\\r\n  W=2\r\n', 'FROM a\r\nARG V=n \\\r\n  W=m\r\n'],
  ['# escape=`\nFROM a\nARG V=1`\n W=C:\\ X\n', '# escape=`\nFROM a\nARG V=n`\n W=m X\n'],
])('an ARG on several lines keeps its line ends and comments: %j', (text, expected) => {
  const args = new Map([
    ['V', 'n'],
    ['W', 'm'],
  ])
  expect(migrateDockerfile(text, 'Dockerfile', { bases: new Map(), args, labels: new Map() }).text).toBe(expected)
})

test('a value replaces the default of an ARG whose name is in quotes', () => {
  expect(migrated('FROM a\nARG "V"="a b"\n', { args: { V: '9' } }).text).toBe('FROM a\nARG V=9\n')
})
