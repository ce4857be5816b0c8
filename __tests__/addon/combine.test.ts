import { combine } from '../../src/addon/combine.ts'
import { type BuildFile, readBuildFile } from '../../src/addon/config/build-file.ts'
import { type ConfigFile, readConfigFile } from '../../src/addon/config/config-file.ts'
import { defaultRun } from '../../src/addon/config/run-config.ts'

const config = (text: string): ConfigFile => readConfigFile(text, 'a/config.yaml').config
const build = (text: string): BuildFile => readBuildFile(text, 'a/build.yaml').build
const at = (file: string, line: number, column: number) => ({ file: `a/${file}.yaml`, line, column })

test('a folder without configuration files has only a name', () => {
  expect(combine('a/B c', undefined, undefined, new Map())).toEqual({
    folder: 'a/B c',
    slug: 'b-c',
    name: 'b-c',
    architectures: [],
    buildFrom: new Map(),
    buildArguments: new Map(),
    labels: new Map(),
    locations: new Map(),
    dockerfiles: new Map(),
    run: defaultRun,
    files: {},
  })
})

test.each([
  ['a/b', 'b'],
  ['My Add-on', 'my-add-on'],
  ['a/.hidden.', 'hidden'],
  ['a/--é1é--', '1'],
  ['a/x_y.z-1', 'x_y.z-1'],
  ['.', 'addon'],
  ['a/éé', 'addon'],
])('the folder %s is called %s', (folder, slug) => {
  expect(combine(folder, undefined, undefined, new Map())).toMatchObject({ slug, name: slug })
})

test('the values of config.yaml are used', () => {
  const file = config(
    'name: |\n  N\nversion: "1"\nslug: s\ndescription: "d\\n\\n"\nurl: http://u\nimage: i/n\narch: [aarch64]\ninit: no\n',
  )
  expect(combine('a', file, undefined, new Map())).toEqual({
    folder: 'a',
    slug: 's',
    slugWhere: at('config', 4, 7),
    name: 'N',
    description: 'd',
    version: { value: '1', where: at('config', 3, 10) },
    url: 'http://u',
    architectures: ['aarch64'],
    architecturesWhere: at('config', 8, 1),
    buildFrom: new Map(),
    buildArguments: new Map(),
    labels: new Map(),
    locations: new Map(),
    image: { value: 'i/n', where: at('config', 7, 8) },
    configImage: { value: 'i/n', where: at('config', 7, 8) },
    dockerfiles: new Map(),
    run: { ...defaultRun, init: false },
    files: { config: 'a/config.yaml' },
  })
})

test('the values of build.yaml are used', () => {
  const file = build(
    'build_from: {i386: "x/{arch}-{arch}", amd64: x/y}\nargs: {A: "1\\n"}\nlabels: {l: "2\\n"}\nimage: j/{arch}\ncosign: {identity: me}\n',
  )
  expect(combine('a', undefined, file, new Map())).toEqual({
    folder: 'a',
    slug: 'a',
    name: 'a',
    architectures: ['amd64', 'i386'],
    architecturesWhere: at('build', 1, 1),
    buildFrom: new Map([
      ['amd64', 'x/y'],
      ['i386', 'x/i386-i386'],
    ]),
    buildFromWhere: at('build', 1, 1),
    buildArguments: new Map([['A', '1']]),
    labels: new Map([['l', '2']]),
    locations: new Map([
      ['args.A', at('build', 2, 11)],
      ['labels.l', at('build', 3, 13)],
    ]),
    image: { value: 'j/{arch}', where: at('build', 4, 8) },
    dockerfiles: new Map(),
    run: defaultRun,
    cosign: { identity: 'me' },
    files: { build: 'a/build.yaml' },
  })
})

test('with both files, the architectures are from config.yaml and the image is from build.yaml', () => {
  const both = combine(
    'a',
    config('image: c/n\narch: [i386]\nversion: ""\nname: ""\ndescription: ""\nurl: ""'),
    build('image: b/n\nbuild_from: x/{arch}'),
    new Map(),
  )
  expect(both.architectures).toEqual(['i386'])
  expect(both.architecturesWhere).toEqual(at('config', 2, 1))
  expect([both.image?.value, both.configImage?.value]).toEqual(['b/n', 'c/n'])
  expect([...both.buildFrom]).toEqual(['amd64', 'aarch64', 'armv7', 'armhf', 'i386'].map((one) => [one, `x/${one}`]))
  expect(both.name).toBe('a')
  for (const key of ['version', 'description', 'url', 'slugWhere', 'cosign']) expect(both).not.toHaveProperty(key)
})

test('without architectures in config.yaml, those of the bases are used', () => {
  const both = combine('a', config('arch: []'), build('build_from: {armv7: x/y}'), new Map())
  expect(both.architectures).toEqual(['armv7'])
  expect(both.architecturesWhere).toEqual(at('build', 1, 1))
  expect(combine('a', config('arch: []'), build('args: {}'), new Map())).not.toHaveProperty('architecturesWhere')
})
