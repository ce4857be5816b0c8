// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.

import { addKeys, remainder } from '../../../src/addon/migrate/build-file.ts'
import { migrate } from '../../../src/addon/migrate/migrate.ts'
import { memoryFiles } from '../../fakes/memory-files.ts'

type Keep = Readonly<Record<string, 'all' | readonly string[]>>
const left = (text: string, keep: Keep, file = 'build.yaml') =>
  remainder(
    text,
    file,
    new Map(Object.entries(keep).map(([key, names]) => [key, names === 'all' ? names : new Set(names)])),
  )

describe('the rest of a build file', () => {
  test.each<[string, string, Keep, string | undefined]>([
    ['nothing', 'a: 1\n', {}, undefined],
    ['a key', 'a: 1\nb: 2 # b\nc: 3\n', { b: 'all' }, 'b: 2 # b\n'],
    ['a key at the end, without a line end', 'a:\n  x: 1\n\n  y: 2\nb: 2', { b: 'all' }, 'b: 2'],
    ['a key before one of several lines', 'b: 2\na: |\n  x\n  y\n', { b: 'all' }, 'b: 2\n'],
    ['a key before one of nothing', 'b: 2\na:\n', { b: 'all' }, 'b: 2\n'],
    ['the line ends of Windows', 'a: 1\r\nb: 2\r\n', { b: 'all' }, 'b: 2\r\n'],
    ['a byte order mark', '\uFEFFa: 1\nb: 2\n', { a: 'all' }, '\uFEFFa: 1\n'],
    [
      'a name of a key, with its comment',
      'a: 1\nl: # l\n  x: 1\n  # y\n  y: 2\nc: 3\n',
      { l: ['y'] },
      'l: # l\n  # y\n  y: 2\n',
    ],
    ['a number as a name', 'l:\n  1: x\n  2: y\n', { l: ['2'] }, 'l:\n  2: y\n'],
    ['a name in braces', 'a: 1\n# l\nl: {x: 1, y: 2} # z\nc: 3\n', { l: ['y'] }, '# l\nl: { y: 2 } # z\n'],
    [
      'a key of a file in braces',
      '{a: 1, l: {x: 1, y: 2}, c: [3]}',
      { l: ['y'], c: 'all' },
      '{ l: { y: 2 }, c: [ 3 ] }\n',
    ],
    ['a long line', `{a: 1, b: "${'x '.repeat(60)}"}`, { b: 'all' }, `{ b: "${'x '.repeat(60)}" }\n`],
  ])('is %s', (_, text, keep, expected) => {
    expect(left(text, keep)).toBe(expected)
  })

  test.each<[string, string, Keep, string]>([
    ['a key', '{\n    "a": 1,\n    "b": [2]\n}\n', { b: 'all' }, '{\n    "b": [\n        2\n    ]\n}\n'],
    ['a name of a key', '{\n\t"l": {"x": 1, "y": 2}, "a": 1}', { l: ['y'] }, '{\n\t"l": {\n\t\t"y": 2\n\t}\n}'],
    ['a key of a file on one line', '{"a": 1, "b": 2}\n\n', { b: 'all' }, '{\n  "b": 2\n}\n\n'],
    ['the line ends of Windows', '{\r\n "a": 1,\r\n "b": 2\r\n}\r\n', { b: 'all' }, '{\r\n "b": 2\r\n}\r\n'],
    ['no byte order mark', '\uFEFF{"b": 2}', { b: 'all' }, '{\n  "b": 2\n}'],
  ])('of JSON is %s', (_, text, keep, expected) => {
    expect(left(text, keep, 'a/build.json')).toBe(expected)
  })
})

describe('keys that a config gets', () => {
  const keys = { image: 'x', arch: ['a', 'b'] }
  const lines = 'image: "x"\narch:\n  - "a"\n  - "b"\n'
  const windows = lines.replaceAll('\n', '\r\n')

  test.each([
    ['an empty file', '', lines],
    ['a last line without an end', 'n: 1', `n: 1\n${lines}`],
    ['the line ends of Windows', 'n: 1\r\n', `n: 1\r\n${windows}`],
    ['an indent', '# n\n  n: 1\n', `# n\n  n: 1\n${lines.replaceAll(/^(?=.)/gm, '  ')}`],
    ['a first line that is empty', '\nn: 1\n', `\nn: 1\n${lines}`],
    ['an end of the document', 'n: 1\n...\n', `n: 1\n${lines}...\n`],
    ['an end of the document, of Windows', 'n: 1\r\n... \t\r\n', `n: 1\r\n${windows}... \t\r\n`],
    ['an end of the document with a comment', 'n: 1\n... # end\n', `n: 1\n${lines}... # end\n`],
    ['dots at the very end', 'n: 1\n...', `n: 1\n${lines}...`],
    ['dots in a text', 'n: |\n ...\n  x\nm: ...x\n', `n: |\n ...\n  x\nm: ...x\n${lines}`],
    ['braces', '# { why }\n{ n: 1 }\n', '# { why }\n{"image": "x", "arch": ["a", "b"],  n: 1 }\n'],
    ['braces on lines', '{\n    "n": 1\n}\n', '{\n    "image": "x",\n    "arch": ["a", "b"],\n    "n": 1\n}\n'],
    ['a map in braces only', 'n: {}\n', `n: {}\n${lines}`],
  ])('fit %s', (_, text, expected) => {
    expect(addKeys(text, 'a/config.yaml', keys)).toBe(expected)
  })

  test.each([
    ['on one line', '{"n": 1}', '{"image": "x", "arch": ["a", "b"], "n": 1}'],
    ['on lines', '{\n\t"n": 1\n}\n', '{\n\t"image": "x",\n\t"arch": ["a", "b"],\n\t"n": 1\n}\n'],
    ['of Windows', '{\r\n "n": {\r\n}}', '{\r\n "image": "x",\r\n "arch": ["a", "b"],\r\n "n": {\r\n}}'],
    ['that begins on its first line', '{"n": 1,\n "m": 2}', '{\n "image": "x",\n "arch": ["a", "b"],"n": 1,\n "m": 2}'],
    ['that is empty', '{}\n', '{\n  "image": "x",\n  "arch": ["a", "b"]\n}\n'],
    ['that is empty, on lines', '\uFEFF{\n}', '\uFEFF{\n  "image": "x",\n  "arch": ["a", "b"]\n\n}'],
  ])('fit JSON %s', (_, text, expected) => {
    expect(addKeys(text, 'a/config.json', keys)).toBe(expected)
  })
})

describe('the migration of an add-on', () => {
  const config = 'name: n\nversion: "1"\nslug: s\ndescription: d\narch: [amd64]\n'
  const run = async (files: Readonly<Record<string, string>>) => {
    const texts = Object.entries({ Dockerfile: 'ARG BUILD_FROM\nFROM $BUILD_FROM\n', ...files })
    const { changes, diagnostics } = await migrate(
      { targets: ['a'], changedOnly: false },
      memoryFiles(new Map(texts.map(([name, text]) => [`a/${name}`, text]))),
    )
    return {
      after: Object.fromEntries(changes.map(({ file, after }) => [file, after])),
      told: diagnostics.filter(({ code }) => code.startsWith('migrate/')),
    }
  }
  const kept = (
    severity: string,
    message: string,
    remedy: string,
    line: number,
    column: number,
    file = 'a/build.yaml',
  ) => ({
    severity,
    code: 'migrate/kept',
    message,
    remedy,
    where: { file, line, column },
  })

  test('does nothing without a build file', async () => {
    expect(await run({ 'config.yaml': config })).toEqual({ after: {}, told: [] })
  })

  test('lists the signatures that are kept', async () => {
    expect(
      await run({ 'config.yaml': config, 'build.yaml': '\nbuild_from: x/y:1\ncosign: {base_identity: z}\n' }),
    ).toEqual({
      after: {
        'a/Dockerfile': 'ARG BUILD_FROM=x/y:1\nFROM $BUILD_FROM\n',
        'a/build.yaml': '\ncosign: {base_identity: z}\n',
      },
      told: [
        kept(
          'notice',
          'A Dockerfile cannot contain "cosign", so it stays in build.yaml.',
          'No action is needed.',
          1,
          1,
        ),
      ],
    })
  })

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['there is no config.yaml', {}, '"image" stays in build.yaml, because there is no config.yaml.'],
    [
      'config.yaml has another',
      { 'config.yaml': `${config}image: o/{arch}-m\n` },
      '"image" stays in build.yaml, because config.yaml has a different one.',
    ],
  ])('keeps an image where %s', async (_, more, message) => {
    const { after, told } = await run({
      'build.yaml': 'args: {V: "1"}\nimage: o/{arch}-n\n',
      Dockerfile: 'FROM a\nARG V\n',
      ...more,
    })
    expect(after).toEqual({ 'a/Dockerfile': 'FROM a\nARG V=1\n', 'a/build.yaml': 'image: o/{arch}-n\n' })
    expect(told).toEqual([
      kept('warning', message, 'Decide which one is correct, and write it into config.yaml.', 2, 8),
    ])
  })

  test('leaves out an image that config.yaml has as well', async () => {
    expect(
      await run({
        'config.yaml': `${config}image: o/{arch}-n\n`,
        'build.yaml': 'image: o/{arch}-n\n',
        Dockerfile: 'FROM a\n',
      }),
    ).toEqual({ after: { 'a/build.yaml': undefined }, told: [] })
  })

  test('keeps an image in config.yaml', async () => {
    expect(await run({ 'config.yaml': `${config}image: o/{arch}-n\n`, 'build.yaml': 'squash: false\n' })).toMatchObject(
      {
        after: { 'a/build.yaml': undefined },
        told: [],
      },
    )
  })

  test('keeps the bases if no other file lists the architectures', async () => {
    const { after, told } = await run({ 'build.yaml': 'args: {V: "1"}\nbuild_from:\n  amd64: x/y:1\n' })
    expect(after['a/build.yaml']).toBe('build_from:\n  amd64: x/y:1\n')
    expect(told[0]).toEqual(
      kept(
        'warning',
        '"build_from" stays in build.yaml: no other file lists the architectures, and there is no config.yaml.',
        'Write a config.yaml with "arch".',
        2,
        1,
      ),
    )
  })

  test.each([
    [
      'args',
      '"args.V" stays in build.yaml: a value in a Dockerfile cannot contain line breaks.',
      'Use the input "build-args".',
    ],
    [
      'labels',
      '"labels.V" stays in build.yaml: a value in a Dockerfile cannot contain line breaks.',
      'Make it one line, or use the input "labels".',
    ],
  ])('keeps what has line ends, in %s', async (kind, message, remedy) => {
    const build = `${kind}:\n  U: "1"\n  V: "a\\nb"\n  W: "a\\rb"\n`
    const { after, told } = await run({
      'config.yaml': config,
      'build.yaml': build,
      Dockerfile: 'FROM a\nARG U\nARG V\n',
    })
    expect(after['a/build.yaml']).toBe(build.replace('  U: "1"\n', ''))
    expect(told).toEqual([
      kept('warning', message, remedy, 3, 6),
      kept('warning', message.replace('.V', '.W'), remedy, 4, 6),
    ])
    expect(after['a/Dockerfile']).toContain(kind === 'args' ? 'ARG U=1\nARG V\n' : 'LABEL U=1\n')
  })

  test.each([
    ['HTTP_PROXY', true],
    ['no_proxy', true],
    ['ftp_proxy', true],
    ['all_proxy', true],
    ['https_proxy', true],
    ['MY_HTTP_PROXY', false],
    ['http_proxy_2', false],
  ])('keeps an argument that is not for the image: %s: %s', async (name, stays) => {
    const build = `args:\n  ${name}: "1"\n`
    const { after, told } = await run({ 'config.yaml': config, 'build.yaml': build, Dockerfile: 'FROM a\n' })
    expect(after['a/build.yaml']).toBe(stays ? build : undefined)
    if (stays) expect(told[0]?.message).toBe(`"args.${name}" stays in build.yaml: it does not apply to the image.`)
    else expect(told).toMatchObject([{ code: 'migrate/unused' }])
  })

  test('leaves out values that every build sets, and reports arguments', async () => {
    const { after, told } = await run({
      'config.yaml': config,
      'build.yaml': 'args:\n  BUILD_NAME: x\nlabels:\n  io.hass.version: "9"\n',
      Dockerfile: 'FROM a\nARG BUILD_NAME\n',
    })
    expect(after).toEqual({ 'a/build.yaml': undefined })
    expect(told).toEqual([
      {
        severity: 'warning',
        code: 'migrate/fixed-argument',
        message: 'BUILD_NAME is set automatically for every build, so the value "x" is removed.',
        remedy: 'Check that nothing needs the old value.',
        where: { file: 'a/build.yaml', line: 2, column: 15 },
      },
    ])
  })

  test('writes the bases of each architecture into its own Dockerfile', async () => {
    const { after } = await run({
      'config.yaml': config.replace('[amd64]', '[amd64, armv7, aarch64]'),
      'build.yaml': 'build_from: {amd64: "x/one:1", armv7: "x/two:2", aarch64: "x/two:2"}\n',
      'Dockerfile.amd64': 'ARG BUILD_FROM\nFROM $BUILD_FROM\n',
    })
    expect(after).toEqual({
      'a/Dockerfile': 'ARG BUILD_FROM=x/two:2\nFROM $BUILD_FROM\n',
      'a/Dockerfile.amd64': 'ARG BUILD_FROM=x/one:1\nFROM $BUILD_FROM\n',
      'a/build.yaml': undefined,
    })
  })

  test('keeps the default of the Dockerfile for an architecture without a base', async () => {
    const { after, told } = await run({
      'config.yaml': config.replace('[amd64]', '[amd64, armv7]'),
      'build.yaml': 'build_from: {amd64: "x/one:1"}\n',
      Dockerfile: 'ARG BUILD_FROM=x/two:2\nFROM $BUILD_FROM\n',
    })
    expect(told).toEqual([])
    expect(after['a/Dockerfile']).toContain('FROM x/one:1 AS build-from-amd64\nFROM x/two:2 AS build-from-armv7\n')
  })

  test('writes a label again that an earlier stage of the same chain has otherwise', async () => {
    const { after } = await run({
      'config.yaml': config,
      'build.yaml': 'labels: {same: x, other: x}\n',
      Dockerfile: 'FROM a AS one\nLABEL same=x other=y\nFROM b\nLABEL other=x\nFROM one\nRUN x\n',
    })
    expect(after['a/Dockerfile']).toBe(
      'FROM a AS one\nLABEL same=x other=y\nFROM b\nLABEL other=x\nFROM one\nRUN x\n\nLABEL other=x\n',
    )
  })

  test('keeps byte order marks', async () => {
    const { after } = await run({
      'config.yaml': config,
      'build.yaml': '\uFEFFbuild_from: x/y:1\n',
      Dockerfile: '\uFEFFARG BUILD_FROM\nFROM $BUILD_FROM\n',
    })
    expect(after).toEqual({
      'a/Dockerfile': '\uFEFFARG BUILD_FROM=x/y:1\nFROM $BUILD_FROM\n',
      'a/build.yaml': undefined,
    })
  })
})
