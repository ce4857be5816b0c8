import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { testedReference } from '../../src/build/build.ts'
import { type BuildxOptions, buildArguments, buildxEnvironment, passedToBuild } from '../../src/build/build-command.ts'
import { secretMounts, secretValues } from '../../src/build/secrets.ts'
import { actionsCacheVariables } from '../../src/platform/child-environment.ts'
import { target } from '../fixtures/target.ts'

const setting = (changes: Partial<BuildxOptions> = {}): BuildxOptions => ({
  builder: { name: 'default', driver: 'docker', owned: false },
  cache: { kinds: [], write: true },
  options: { cacheMode: 'max', noCache: false, pull: false, secrets: [] },
  lacksOciExport: false,
  paths: { layout: '/tmp/run/image', metadata: '/tmp/run/metadata.json' },
  workspace: '/work space',
  ...changes,
})

describe('the arguments of a build', () => {
  test('name the builder, the platform, the file and the context', () => {
    expect(buildArguments(target(), setting())).toEqual([
      'buildx',
      'build',
      '--builder',
      'default',
      '--platform',
      'linux/arm64',
      '--file',
      '/work space/addon/Dockerfile',
      '--provenance=false',
      '--progress=rawjson',
      '--output',
      'type=oci,tar=false,dest=/tmp/run/image,oci-mediatypes=true',
      '/work space/addon',
    ])
  })

  test.each([
    ['a value with spaces and equals signs', { NOTE: 'a b, c=d' }, ['--build-arg', 'NOTE=a b, c=d']],
    ['a value that looks like a flag', { X: '--push' }, ['--build-arg', 'X=--push']],
    ['an empty value', { X: '' }, ['--build-arg', 'X=']],
  ])('pass %s as one argument', (_, args, expected) => {
    const built = buildArguments(target({ buildArguments: new Map(Object.entries(args)) }), setting())
    expect(built.slice(built.indexOf('--build-arg'), built.indexOf('--build-arg') + 2)).toEqual(expected)
  })

  test('load the image into the engine under an unresolvable name, in the same call as the layout', () => {
    const built = buildArguments(target(), setting({ load: 'aicleaner-build.invalid/a:aarch64-1' }))
    const outputs = built.filter((_, index) => built[index - 1] === '--output')
    expect(outputs).toEqual([
      'type=docker,name=aicleaner-build.invalid/a:aarch64-1,oci-mediatypes=true',
      'type=oci,tar=false,dest=/tmp/run/image,oci-mediatypes=true',
    ])
  })

  test('compress both outputs alike', () => {
    const options = { ...setting().options, compression: { kind: 'zstd' as const, level: 9 } }
    const built = buildArguments(target(), setting({ load: 'x', options }))
    for (const output of built.filter((_, index) => built[index - 1] === '--output')) {
      expect(output).toContain('compression=zstd,compression-level=9,force-compression=true')
    }
  })

  test.each([
    ['docker-container', true],
    ['docker', false],
  ] as const)(
    'rewrite the times of files for a reproducible image if the %s driver supports it',
    (driver, expected) => {
      const builder = { name: 'b', driver, owned: false }
      const built = buildArguments(target(), setting({ builder, reproducible: true }))
      expect(built.join(' ').includes('rewrite-timestamp=true')).toBe(expected)
    },
  )

  test('give every target its own cache scope, and write only if allowed', () => {
    const read = buildArguments(target(), setting({ cache: { kinds: [{ kind: 'gha' }], write: false } }))
    expect(read.find((argument) => argument.startsWith('type=gha'))).toContain('scope=addon-aarch64')
    expect(read).not.toContain('--cache-to')
    const write = buildArguments(target(), setting({ cache: { kinds: [{ kind: 'gha' }], write: true } }))
    expect(write[write.indexOf('--cache-to') + 1]).toMatch(
      /type=gha,scope=addon-aarch64,.*mode=max,.*ignore-error=true/,
    )
  })
})

describe('the options of a target and of the inputs', () => {
  const everything = target({
    stage: 'production',
    buildArguments: new Map([['A', '1']]),
    buildContexts: new Map([['base', 'docker-image://b']]),
    labels: new Map([['l', '2']]),
    annotations: new Map([['n', '3']]),
  })
  const options = { cacheMode: 'min', noCache: true, pull: true, secrets: [{ id: 'S', environment: 'V' }] } as const

  test('are in the arguments, each with its own flag', () => {
    expect(buildArguments(everything, setting({ options, load: 'x' }))).toEqual([
      ...['buildx', 'build', '--builder', 'default', '--platform', 'linux/arm64'],
      ...['--file', '/work space/addon/Dockerfile', '--target', 'production', '--build-arg', 'A=1'],
      ...['--build-context', 'base=docker-image://b', '--label', 'l=2', '--annotation', 'n=3'],
      ...['--secret', 'id=S,env=V', '--no-cache', '--pull', '--provenance=false', '--progress=rawjson'],
      ...['--output', 'type=docker,name=x,oci-mediatypes=true'],
      ...['--output', 'type=oci,tar=false,dest=/tmp/run/image,oci-mediatypes=true', '/work space/addon'],
    ])
  })

  test('include a file for the digests if the builder can only load', () => {
    const built = buildArguments(everything, setting({ options, load: 'x', lacksOciExport: true }))
    expect(built[built.indexOf('--metadata-file') + 1]).toBe('/tmp/run/metadata.json')
    expect(buildArguments(everything, setting({ options, load: 'x' }))).not.toContain('--metadata-file')
  })

  test('extend the environment of buildx with the secrets and disable prompts of git', () => {
    expect(buildxEnvironment([{ id: 'TOKEN', value: 'hunter2' }])).toEqual({
      AICLEANER_BUILD_SECRET_0: 'hunter2',
      BUILDX_METADATA_WARNINGS: '0',
      BUILDX_METADATA_PROVENANCE: 'disabled',
      BUILDX_GIT_INFO: 'false',
    })
  })

  test.each([
    ['no variable', [], [], []],
    ['those of the Actions cache, where it is one of the caches', ['registry', 'gha'], [], actionsCacheVariables],
    ['none of the Actions cache for another', ['registry'], [], []],
    [
      'those that secrets name',
      [],
      [
        { id: 'A', environment: 'ONE' },
        { id: 'B', value: 'x' },
        { id: 'C', file: '/c' },
      ],
      ['ONE'],
    ],
  ] as const)('pass %s to the build', (_, kinds, secrets, expected) => {
    const cache = { kinds: kinds.map((kind) => ({ kind })), write: true } as never as BuildxOptions['cache']
    expect(passedToBuild({ cache, options: { ...options, secrets } })).toEqual(expected)
  })
})

describe('build secrets', () => {
  test('are never in the arguments', () => {
    const { mounts, environment } = secretMounts([
      { id: 'TOKEN', value: 'hunter2' },
      { id: 'KEY', environment: 'MY_KEY' },
      { id: 'CERT', file: '/etc/a,b.pem' },
    ])
    expect(mounts.join(' ')).not.toContain('hunter2')
    expect(mounts).toEqual(['id=TOKEN,env=AICLEANER_BUILD_SECRET_0', 'id=KEY,env=MY_KEY', 'id=CERT,"src=/etc/a,b.pem"'])
    expect(environment).toEqual({ AICLEANER_BUILD_SECRET_0: 'hunter2' })
  })
})

describe('the masked values of build secrets', () => {
  let workspace: string
  beforeAll(() => {
    workspace = mkdtempSync(join(tmpdir(), 'secrets-'))
    writeFileSync(join(workspace, 'secret'), ' of the file\n')
    writeFileSync(join(workspace, 'largest'), 'x'.repeat(500 * 1024))
    writeFileSync(join(workspace, 'larger'), 'x'.repeat(500 * 1024 + 1))
    writeFileSync(join(workspace, 'blank'), ' \n')
  })
  afterAll(() => rmSync(workspace, { recursive: true }))

  test.each([
    ['the value itself', { id: 'A', value: ' hunter2 ' }, ['hunter2']],
    ['a variable', { id: 'A', environment: 'VAR' }, ['of the variable']],
    ['a variable that is not set', { id: 'A', environment: 'NONE' }, []],
    ['a file', { id: 'A', file: 'secret' }, ['of the file']],
    ['the largest file that BuildKit takes', { id: 'A', file: 'largest' }, ['x'.repeat(500 * 1024)]],
    ['no file that is larger', { id: 'A', file: 'larger' }, []],
    ['no file that is not there', { id: 'A', file: 'none' }, []],
    ['no file outside of the workspace', { id: 'A', file: '../secret' }, []],
    ['no folder', { id: 'A', file: '.' }, []],
    ['nothing that is blank', { id: 'A', file: 'blank' }, []],
  ])('are those of %s', async (_, secret, expected) => {
    const environment = { VAR: 'of the variable\n' }
    expect(await secretValues([secret], { environment, workspace })).toEqual(expected)
  })
})

test.each([
  ['containerd', 'sha256:manifest'],
  ['classic', 'sha256:config'],
] as const)('the tested image is started by the digest under which the %s store knows it', (store, expected) => {
  const engine = { version: '28', store, machine: 'x64', context: 'default', insecureRegistries: [] }
  expect(testedReference({ configDigest: 'sha256:config', manifestDigest: 'sha256:manifest' }, engine)).toBe(expected)
})
