// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import { oneLine } from '../../src/core/diagnostics.ts'
import { events } from './events.ts'
import { attempt, codes, first, plan, type Setting } from './planning.ts'

describe('build arguments', () => {
  test('include all eight that add-ons use', async () => {
    const { target } = await first({
      files: {
        'a/build.yaml': 'build_from: "ghcr.io/o/{arch}-base:1"',
        'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM',
      },
    })
    expect(Object.fromEntries(target.buildArguments)).toEqual({
      BUILD_ARCH: 'amd64',
      BUILD_DATE: '2026-11-23T12:00:00Z',
      BUILD_DESCRIPTION: 'Looks',
      BUILD_FROM: 'ghcr.io/o/amd64-base:1',
      BUILD_NAME: 'The Probe',
      BUILD_REF: '5f6c1d0e8a7b4c3d2e1f0a9b8c7d6e5f4a3b2c1d',
      BUILD_REPOSITORY: 'Owner/addons',
      BUILD_VERSION: '1.0',
    })
    expect(target.baseImage).toBe('ghcr.io/o/amd64-base:1')
  })

  test('no BUILD_FROM without build.yaml: the default of the Dockerfile holds', async () => {
    const { target } = await first({ files: { 'a/Dockerfile': 'ARG BUILD_FROM=x/y:1\nFROM $BUILD_FROM' } })
    expect(target.buildArguments.has('BUILD_FROM')).toBe(false)
    expect(target.baseImage).toBe('x/y:1')
  })

  test('the input wins over build.yaml, which wins over what is inferred', async () => {
    const files = { 'a/build.yaml': 'args: {A: "file {arch}", B: "file", BUILD_NAME: "mine"}' }
    const { target } = await first({ files, inputs: { 'build-args': 'B=input {version}' } })
    expect(Object.fromEntries(target.buildArguments)).toMatchObject({
      A: 'file amd64',
      B: 'input 1.0',
      BUILD_NAME: 'mine',
    })
    expect(await codes({ files })).toEqual(['warning plan/fixed-argument'])
  })

  test('are not set if they are unknown', async () => {
    const { target } = await first({ event: events.local })
    expect([...target.buildArguments.keys()]).toEqual([
      'BUILD_ARCH',
      'BUILD_DATE',
      'BUILD_DESCRIPTION',
      'BUILD_NAME',
      'BUILD_VERSION',
    ])
  })
})

describe('labels', () => {
  test('automatic, then build.yaml, then the input; version and architecture are always ours', async () => {
    const files = {
      'a/build.yaml':
        'labels: {io.hass.name: file, io.hass.version: "{version}-x", org.opencontainers.image.licenses: MIT, a: "{arch}"}',
    }
    const { target } = await first({ files, inputs: { labels: 'io.hass.description=input\nio.hass.arch=other' } })
    expect(Object.fromEntries(target.labels)).toEqual({
      'io.hass.name': 'file',
      'io.hass.description': 'input',
      'io.hass.type': 'app',
      'io.hass.url': 'https://example.org',
      'io.hass.version': '1.0',
      'io.hass.arch': 'amd64',
      'org.opencontainers.image.title': 'The Probe',
      'org.opencontainers.image.description': 'Looks',
      'org.opencontainers.image.source': 'https://github.com/Owner/addons',
      'org.opencontainers.image.url': 'https://example.org',
      'org.opencontainers.image.version': '1.0',
      'org.opencontainers.image.revision': '5f6c1d0e8a7b4c3d2e1f0a9b8c7d6e5f4a3b2c1d',
      'org.opencontainers.image.created': '2026-11-23T12:00:00Z',
      'org.opencontainers.image.licenses': 'MIT',
      a: 'amd64',
    })
  })

  test('annotations go where their prefix says', async () => {
    const { addon, target } = await first({
      inputs: { annotations: 'a=1\nindex:b=2\nmanifest:c=3\nmanifest,index:d=4' },
    })
    expect(Object.fromEntries(target.annotations)).toEqual({ a: '1', c: '3', d: '4' })
    expect(Object.fromEntries(addon.multiArch?.annotations ?? [])).toMatchObject({
      a: '1',
      b: '2',
      d: '4',
      'org.opencontainers.image.title': 'The Probe',
    })
  })
})

describe('bases', () => {
  const build = (text: string, dockerfile = 'ARG BUILD_FROM\nFROM $BUILD_FROM') => ({
    files: { 'a/build.yaml': text, 'a/Dockerfile': dockerfile },
  })
  test.each<[string, Setting, readonly string[]]>([
    [
      'no build.yaml and no default',
      { files: { 'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM' } },
      ['error plan/no-base'],
    ],
    ['an architecture without a base, and no default', build('build_from: {amd64: a/b}'), ['error plan/no-base']],
    [
      'an architecture without a base, and a default',
      build('build_from: {amd64: a/b, armv7: a/b}', 'ARG BUILD_FROM=c/d\nFROM $BUILD_FROM'),
      ['warning plan/no-build-from'],
    ],
    ['a base that is not used', build('build_from: a/b', 'FROM c/d'), ['warning plan/build-from-unused']],
    [
      'a base for another architecture',
      { files: { 'a/Dockerfile': 'ARG BUILD_FROM=ghcr.io/x/amd64-base\nFROM $BUILD_FROM' } },
      ['error plan/base-of-other-architecture'],
    ],
    [
      'a platform for good',
      { files: { 'a/Dockerfile': 'FROM --platform=linux/amd64 a/b' } },
      ['error plan/fixed-platform'],
    ],
    ['an unknown platform', { files: { 'a/Dockerfile': 'FROM --platform=vax a/b' } }, ['error plan/fixed-platform']],
    [
      'the platform by its other names',
      { inputs: { architectures: 'aarch64' }, files: { 'a/Dockerfile': 'FROM --platform=linux/arm64/v8 a/b' } },
      [],
    ],
    [
      'an argument that is not declared',
      { files: { 'a/Dockerfile': 'FROM $BUILD_FROM' } },
      ['error dockerfile/arg-not-global'],
    ],
    [
      'an argument that is declared too late',
      { files: { 'a/Dockerfile': 'FROM a\nARG BUILD_FROM\nFROM $BUILD_FROM' } },
      ['error dockerfile/arg-not-global'],
    ],
    ['a default in place', { files: { 'a/Dockerfile': 'FROM ${BUILD_FROM:-a/b}' } }, []],
    [
      'a default in place, which no build.yaml can change',
      build('build_from: a/c', 'FROM ${BUILD_FROM:-a/b}'),
      ['warning plan/build-from-unused'],
    ],
    [
      'an empty base in a stage that is not used',
      { files: { 'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM AS x\nFROM a/b' } },
      ['error plan/no-base'],
    ],
    ['a base in capitals', { files: { 'a/Dockerfile': 'FROM Alpine:3' } }, ['error plan/bad-base']],
    [
      'a placeholder of build.yaml in a Dockerfile',
      { files: { 'a/Dockerfile': 'ARG BUILD_FROM=ghcr.io/o/{arch}-base\nFROM $BUILD_FROM' } },
      ['error plan/bad-base'],
    ],
    [
      'a build context in the place of a base',
      { inputs: { 'build-contexts': 'Base=x' }, files: { 'a/Dockerfile': 'FROM Base' } },
      [],
    ],
    [
      'a Dockerfile for one architecture only',
      { files: { 'a/Dockerfile': '', 'a/Dockerfile.armv7': 'FROM a/b' } },
      ['error dockerfile/no-from'],
    ],
    [
      'the platform of the builder',
      { files: { 'a/Dockerfile': 'FROM --platform=$BUILDPLATFORM a/b' } },
      ['warning plan/build-platform'],
    ],
    [
      'the platform of the builder in another stage',
      { files: { 'a/Dockerfile': 'FROM --platform=$BUILDPLATFORM a/b AS x\nFROM a/b' } },
      [],
    ],
    ['the platform that is built', { files: { 'a/Dockerfile': 'FROM --platform=$TARGETPLATFORM a/b' } }, []],
    [
      'a stage that is not there',
      { inputs: { stage: 'prodution' }, files: { 'a/Dockerfile': 'FROM a/b AS production' } },
      ['error plan/unknown-stage'],
    ],
    ['one Dockerfile for one architecture', { files: { 'a/Dockerfile.armv7': 'FROM c/d' } }, []],
  ])('%s', async (_, setting, expected) => {
    expect(await codes(setting)).toEqual(expected)
  })

  test('the error without a base contains the line to add and its location', async () => {
    const { diagnostics } = await attempt({ files: { 'a/Dockerfile': '\nARG BUILD_FROM\nFROM $BUILD_FROM' } })
    expect(diagnostics.map(oneLine)).toContain(
      'a/Dockerfile:3:1: "FROM $BUILD_FROM" is empty: it has no value and no default. Write "ARG BUILD_FROM=ghcr.io/home-assistant/base:3.23" before the first FROM.',
    )
  })

  test('messages about several architectures are combined', async () => {
    const of = async (dockerfile: string) =>
      (await attempt({ files: { 'a/Dockerfile': dockerfile } })).diagnostics.map(oneLine)
    expect(await of('FROM --platform=linux/amd64 a/b')).toContain(
      'a/Dockerfile:1:1: The image is always built for linux/amd64, so it would not run on aarch64, armv7. Remove "--platform" from its FROM.',
    )
    expect(await of('FROM x/amd64-base')).toContain(
      'a/Dockerfile:1:1: aarch64, armv7 would be built on "x/amd64-base", which by its name is for amd64. Use a multi-platform base image, such as "ghcr.io/home-assistant/base:3.23", or set one for each architecture in "build_from" of build.yaml.',
    )
  })

  test('Dockerfile.{arch} beats Dockerfile', async () => {
    const made = await plan({ files: { 'a/Dockerfile.armv7': 'FROM c/d:1' } })
    expect(made.addons[0]?.targets.map(({ dockerfile, baseImage }) => [dockerfile, baseImage])).toEqual([
      ['a/Dockerfile', 'ghcr.io/home-assistant/base:3.23'],
      ['a/Dockerfile', 'ghcr.io/home-assistant/base:3.23'],
      ['a/Dockerfile.armv7', 'c/d:1'],
    ])
  })

  test('a base from the input is sufficient', async () => {
    const { target } = await first({
      files: { 'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM' },
      inputs: { 'build-args': 'BUILD_FROM=x/y' },
    })
    expect(target.baseImage).toBe('x/y')
  })
})
