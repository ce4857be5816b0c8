import { oneLine } from '../../src/core/diagnostics.ts'
import type { Options } from '../../src/inputs/options.ts'
import { readInputs } from '../../src/inputs/read-inputs.ts'
import { knownNames } from '../../src/pipeline/known-names.ts'

const workspace = '/workspace'
const read = (inputs: Readonly<Record<string, string>>, given?: readonly string[]) =>
  readInputs((name) => inputs[name] ?? '', { workspace, environment: {}, ...knownNames, ...(given && { given }) })

async function options(inputs: Readonly<Record<string, string>>): Promise<Options> {
  const { options: found, diagnostics } = await read(inputs)
  if (!found) throw new Error(diagnostics.map(oneLine).join('\n'))
  return found
}

const refusal = async (inputs: Readonly<Record<string, string>>): Promise<string> => {
  const result = await read(inputs)
  expect(result.options).toBeUndefined()
  return result.diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((one) => `${one.code} ${oneLine(one)}`)
    .join('\n')
}

describe('each input', () => {
  test.each<[string, string, Partial<Options>]>([
    ['target', 'a\n./b/\n/workspace/c d\n!a/old', { targets: ['a', 'b', 'c d', '!a/old'] }],
    ['target', '# only this\naddons/*', { targets: ['addons/*'] }],
    ['architectures', 'linux/arm64, amd64\narm/v7', { architectures: ['amd64', 'aarch64', 'armv7'] }],
    ['multi-arch-image', 'false', { multiArchImage: false }],
    ['multi-arch-image', 'ghcr.io/o/{slug}', { multiArchImage: 'ghcr.io/o/{slug}' }],
    [
      'image',
      'ghcr.io/o/{arch}-x\n# no\ndocker.io/o/{arch}-x\nquay.io/o/x',
      { image: 'ghcr.io/o/{arch}-x', otherImages: ['docker.io/o/{arch}-x', 'quay.io/o/x'] },
    ],
    ['image', 'ghcr.io/o/{arch}-{channel}', { image: 'ghcr.io/o/{arch}-{channel}', otherImages: [] }],
    ['multi-arch-image', 'a/x\nb/x', { multiArchImage: 'a/x', otherMultiArchImages: ['b/x'] }],
    ['channel', 'nightly', { channel: 'nightly' }],
    [
      'changed-paths-all',
      './base/\n.github/workflows/**\n!docs',
      { changedPathsAll: ['base', '.github/workflows/**', '!docs'] },
    ],
    ['existing', 'Keep', { existing: 'keep' }],
    ['pull-check', 'false', { pullCheck: 'off' }],
    ['version-gate', 'fail', { versionGate: 'fail' }],
    ['tags', '{version},latest\n# no\npr-{pr}', { tags: ['{version}', 'latest', 'pr-{pr}'] }],
    [
      'build-args',
      'A=1\nB=a b, c=d\nC=',
      {
        buildArguments: new Map([
          ['A', '1'],
          ['B', 'a b, c=d'],
          ['C', ''],
        ]),
      },
    ],
    [
      'build-args',
      '"A=two\nlines ""quoted"""\nB=1',
      {
        buildArguments: new Map([
          ['A', 'two\nlines "quoted"'],
          ['B', '1'],
        ]),
      },
    ],
    ['build-args', 'A=1\nA=2', { buildArguments: new Map([['A', '2']]) }],
    ['labels', 'a.b/c=x y', { labels: new Map([['a.b/c', 'x y']]) }],
    [
      'runners',
      'aarch64=ubuntu-24.04-arm\narm/v7=[self-hosted, arm]',
      {
        runners: new Map([
          ['aarch64', 'ubuntu-24.04-arm'],
          ['armv7', '[self-hosted, arm]'],
        ]),
      },
    ],
    ['secrets', 'TOKEN=a=b,c', { secrets: [{ id: 'TOKEN', value: 'a=b,c' }] }],
    [
      'secrets',
      'id=ca,src=/etc/ca.pem\nid=t,env=TOKEN\ntype=file',
      {
        secrets: [
          { id: 'ca', file: '/etc/ca.pem' },
          { id: 't', environment: 'TOKEN' },
          { id: 'type', value: 'file' },
        ],
      },
    ],
    [
      'cache',
      'gha, registry:localhost:5000/c:x\nlocal:/tmp/a b',
      {
        cache: [
          { kind: 'gha' },
          { kind: 'registry', reference: 'localhost:5000/c:x' },
          { kind: 'local', folder: '/tmp/a b' },
        ],
      },
    ],
    ['cache', 'none', { cache: [{ kind: 'none' }] }],
    ['provenance', 'mode=max', { provenance: 'mode=max' }],
    ['sbom', 'TRUE', { sbom: 'true' }],
    ['sign', 'key:env://KEY', { sign: { kind: 'key', reference: 'env://KEY' } }],
    ['verify-base', 'false', { verifyBase: false }],
    ['verify-base', 'key:base.pub', { verifyBase: { kind: 'key', reference: 'base.pub' } }],
    [
      'verify-base',
      'keyless:https://github.com/o/base/.*',
      { verifyBase: { kind: 'keyless', identity: 'https://github.com/o/base/.*' } },
    ],
    ['args', '--amd64 --no-cosign-verify', { verifyBase: false }],
    ['compression', 'zstd:19', { compression: { kind: 'zstd', level: 19 } }],
    ['smoke-http', '8000/api/health?x=1', { smokeHttp: { port: 8000, path: '/api/health?x=1' } }],
    ['smoke-http', 'http://localhost:80/', { smokeHttp: { port: 80, path: '/' } }],
    ['smoke-http', '8123', { smokeHttp: { port: 8123, path: '/' } }],
    ['smoke-options', '{"a": [1, true]}', { smokeOptions: { a: [1, true] } }],
    ['smoke-options', 'a: [1, true]\nb:\n  c: "no"', { smokeOptions: { a: [1, true], b: { c: 'no' } } }],
    [
      'smoke-run-args',
      `--dns 1.1.1.1 --name 'a b' "$HOME"`,
      { smokeRunArguments: ['--dns', '1.1.1.1', '--name', 'a b', '$HOME'] },
    ],
    ['smoke-files', './tests//files/', { smokeFiles: 'tests/files' }],
    ['smoke-files', '/workspace/a', { smokeFiles: 'a' }],
    ['smoke-files', '!a', { smokeFiles: './!a' }],
    ['smoke-timeout', '1m30s', { smokeTimeoutMs: 90_000 }],
    [
      'smoke-checks',
      'memory=fail, read-only=off',
      {
        smokeChecks: new Map([
          ['memory', 'fail'],
          ['read-only', 'off'],
        ]),
      },
    ],
    ['supervisor', 'true', { supervisor: 'on' }],
    ['audit', 'false', { audit: 'off' }],
    ['comment', 'false', { comment: 'never' }],
    ['baseline', 'registry:ghcr.io/o/n:1', { baseline: { kind: 'registry', reference: 'ghcr.io/o/n:1' } }],
    ['baseline', 'registry-detail', { baseline: { kind: 'registry', detail: true } }],
    [
      'baseline',
      'registry-detail:ghcr.io/o/n:1',
      { baseline: { kind: 'registry', reference: 'ghcr.io/o/n:1', detail: true } },
    ],
    ['baseline', 'file:a:b.json', { baseline: { kind: 'file', path: 'a:b.json' } }],
    ['max-size', '120MB\narmv7=90MiB', { maxSize: { all: 120e6, only: new Map([['armv7', 90 * 2 ** 20]]) } }],
    [
      'max-size',
      'own=20MB, armv7.own=15MB',
      { maxSize: { only: new Map(), own: { all: 20e6, only: new Map([['armv7', 15e6]]) } } },
    ],
    [
      'max-increase',
      '5%\nown=2MB, own=10%, floor=1kB',
      {
        maxIncrease: {
          all: { percent: 5, floorBytes: 1e3 },
          only: new Map(),
          own: { all: { bytes: 2e6, percent: 10, floorBytes: 1e3 }, only: new Map() },
        },
      },
    ],
    ['max-increase', '5%,10MB', { maxIncrease: { all: { percent: 5, bytes: 10e6 }, only: new Map() } }],
    [
      'max-increase',
      '5%,floor=500kB,armv7=8%',
      {
        maxIncrease: {
          all: { percent: 5, floorBytes: 500e3 },
          only: new Map([['armv7', { percent: 8, floorBytes: 500e3 }]]),
        },
      },
    ],
    ['version', 'v1.2.3+b', { version: 'v1.2.3+b' }],
    ['no-cache', 'True', { noCache: true }],
    [
      'driver-opts',
      'image=moby/buildkit:x\n"env.no_proxy=a,b"',
      { driverOptions: ['image=moby/buildkit:x', '"env.no_proxy=a,b"'] },
    ],
    [
      'smoke-privileges',
      'SYS_ADMIN, /dev/ttyUSB0\n/dev/serial/by-id/usb-x_1-if00',
      { smokePrivileges: ['SYS_ADMIN', '/dev/ttyUSB0', '/dev/serial/by-id/usb-x_1-if00'] },
    ],
    [
      'smoke-env',
      'PATH=/x\n"KEY=a\nb"',
      {
        smokeEnvironment: new Map([
          ['PATH', '/x'],
          ['KEY', 'a\nb'],
        ]),
      },
    ],
  ])('%s: %j is accepted', async (name, text, expected) => {
    expect(await options({ [name]: text })).toMatchObject(expected)
  })

  test('a target that was refused does not become the whole workspace', async () => {
    const { readable, options: found } = await readInputs((name) => (name === 'target' ? '/etc' : ''), {
      workspace: '/work',
      environment: {},
    })
    expect([readable, found]).toEqual([undefined, undefined])
  })

  test.each<[string, string, string]>([
    ['mode', 'paln', 'input/not-a-choice Input "mode": "paln" is not a valid value. Did you mean "plan"?'],
    ['target', '../other', 'input/target-outside'],
    ['target', '/etc', 'input/target-outside'],
    ['target', 'a/../../b', 'input/target-outside'],
    ['file', '/etc/passwd', 'input/target-outside'],
    ['architectures', 'amd46', 'Did you mean "amd64"?'],
    ['architectures', 'sparc', 'Use one of: amd64, aarch64, armv7, armhf, i386.'],
    ['image', 'ghcr.io/{onwer}/x', 'Did you mean "{owner}"?'],
    ['image', 'ghcr.io/{owner/x', 'has an unmatched brace'],
    ['image', 'ghcr.io/o/x\nghcr.io/{onwer}/x', 'Did you mean "{owner}"?'],
    ['multi-arch-image', 'ghcr.io/o/{arch}-x', '"{arch}" in'],
    ['multi-arch-image', 'ghcr.io/o/x\nghcr.io/o/{arch}-x', '"{arch}" in'],
    ['channel', 'Nightly', 'Use lower-case letters, digits and "-", at most 40.'],
    ['channel', 'a/b', 'input/bad-name'],
    ['changed-paths-all', '../other/**', 'input/bad-pattern'],
    ['existing', 'overwrite', 'Use one of: replace, keep, fail.'],
    ['tags', '{Version}', 'Did you mean "{version}"?'],
    ['tags', 'ghcr.io/o/x:1', 'is not only a tag'],
    ['version', 'a b', 'input/bad-version'],
    ['stage', '--push', 'input/bad-name'],
    ['build-args', 'NOVALUE', 'has no "="'],
    ['build-args', '--push=1', 'is not a valid name'],
    ['build-args', '"A=1', 'is not closed'],
    ['changed-only', 'maybe', 'input/not-a-boolean'],
    ['runners', 'aarch64', 'Write one per line, for example "aarch64=ubuntu-24.04-arm"'],
    ['runners', 'arm9=x', 'input/bad-runner'],
    ['cache', 'gah', 'Did you mean "gha"?'],
    ['cache', 'type=gha,scope=x', "is Docker's syntax"],
    ['cache', 'none,gha', 'input/conflict'],
    ['cache', 'local', '"local" has no folder'],
    ['parallel', '0', 'is not a whole number from 1 to 64'],
    ['parallel', '1.5', 'is not a whole number from 1 to 64'],
    ['sign', 'yes', 'input/not-a-choice'],
    ['verify-base', 'keyless', 'input/not-a-choice'],
    ['endpoint', 'ssh://-oX', 'input/bad-endpoint'],
    ['endpoint', 'tcp://a:1', 'input/conflict'],
    ['endpoint-cacert', 'ca.pem', 'input/conflict'],
    ['compression', 'gzip:11', 'Use 0 to 9.'],
    ['smoke-http', '99999/x', 'is not a port with a path'],
    ['smoke-http', 'https://example.com:80/', 'is not a port with a path'],
    ['smoke-options', '[1]', 'input/not-a-map'],
    ['smoke-files', '../other', 'is outside of the workspace'],
    ['smoke-files', '/etc', 'input/target-outside'],
    ['smoke-files', 'a\u0001', 'contains control characters'],
    ['smoke-services', 'mqtt: yes', 'Input "smoke-services"'],
    ['smoke-options', 'a: [', 'it is neither JSON nor YAML'],
    ['smoke-run-args', `--name 'a`, "A ' is not closed"],
    ['smoke-env', '"PATH=a\nb"', 'PATH has a value with several lines, but the docker command itself reads'],
    ['smoke-env', '"https_proxy=a\nb"', 'input/bad-variable'],
    ['smoke-env', `A=${'x'.repeat(131_072)}`, 'more than 131000 bytes'],
    ['smoke-privileges', 'sys_admin', 'Did you mean "SYS_ADMIN"?'],
    ['smoke-privileges', 'CAP_SYS_TIME', 'Did you mean "SYS_TIME"?'],
    ['smoke-privileges', 'ALL', 'or one of: BPF, CHECKPOINT_RESTORE,'],
    ['smoke-privileges', '/dev/null:/dev/x:rwm', 'input/bad-privilege'],
    ['smoke-privileges', '/dev/../etc/shadow', 'input/bad-privilege'],
    ['smoke-privileges', '/etc', 'input/bad-privilege'],
    ['smoke-timeout', '60', 'input/not-a-duration'],
    ['smoke-checks', 'memory', 'does not set what a failing check does'],
    ['smoke-emulation-factor', '0.5', 'is not a number from 1 to 100'],
    ['max-size', '120', 'input/not-a-size'],
    ['max-size', '0MB', 'No image fits in 0 bytes'],
    ['max-size', '1MB,2MB', 'Two sizes apply to all architectures'],
    ['max-size', 'amr64=1MB', 'is not an architecture'],
    ['max-size', '120MB,\n  armv7=90MB, own=1', '"own=1" in line 2, column 15: "1" is not a size.'],
    ['max-size', 'own.armv7=1MB', 'Write "armv7.own=1MB".'],
    ['max-size', 'onw=1MB', 'Did you mean "own"?'],
    ['max-size', 'own=1MB,own=2MB', '"own=2MB" in line 1, column 9: own has two sizes.'],
    ['max-increase', '5%,floor=1kB,floor=2kB', 'There are two floors.'],
    ['max-increase', 'armv7.own=5%,armv7.own=6%', 'Two values are given in percent'],
    ['max-increase', 'floor=1MB', '"floor" alone has no effect'],
    ['max-increase', '5', 'Write "5%", "10MB" or both'],
    ['baseline', 'regitsry', 'Did you mean "registry"?'],
    ['secrets', 'just-a-word-with-a-secret', 'input/bad-secret'],
    ['driver-opts', 'network', 'input/not-an-assignment'],
  ])('%s: %j is refused with a remedy', async (name, text, expected) => {
    const said = await refusal({ [name]: text })
    expect(said).toContain(`Input "${name}"`)
    expect(said).toContain(expected)
  })
})
