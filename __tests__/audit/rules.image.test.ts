import { expect, test } from '@jest/globals'
import { auditTarget } from '../../src/audit/audit.ts'
import type { Finding } from '../../src/audit/finding.ts'
import { runConfig } from '../fixtures/target.ts'
import { elf } from '../image/samples/elf.ts'
import type { Member } from '../image/samples/tar.ts'
import { addon, clean, contextOf, type ImageRecipe, imageOf, inputOf, labels } from './subjects.ts'

const sh: Member = { path: 'bin/sh', content: elf(62), mode: 0o755 }
const base: readonly Member[] = [
  { path: 'bin/' },
  sh,
  { path: 'usr/bin/env', content: elf(62), mode: 0o755 },
  { path: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\n' },
  { path: 'etc/shadow', content: 'root:*:1:0:99999:7:::\nbin:!:1:0:::::\n' },
  { path: 'usr/bin/su', content: elf(62), mode: 0o4755 },
  { path: 'tmp/', mode: 0o1777 },
  { path: 'var/lib/apt/lists/base', content: 'x'.repeat(50_000) },
]
const run: Member = { path: 'run.sh', content: '#!/bin/sh\necho\n', mode: 0o755 }
const config = {
  User: 'nobody',
  Entrypoint: ['/run.sh'],
  Labels: Object.fromEntries(labels),
  Healthcheck: { Test: ['CMD', '/run.sh'], Interval: 30e9 },
  Env: ['PATH=/bin'],
}

const big = 'x'.repeat(300_000)
const apk = (...packages: readonly string[]): Member => ({
  path: 'lib/apk/db/installed',
  content: packages.map((one) => `${one}\n`).join('\n'),
})
const pack = (name: string, bytes: number, more = ''): string => `P:${name}\nV:1\nI:${bytes}${more}`
const dpkg = (...names: readonly string[]): Member => ({
  path: 'var/lib/dpkg/status',
  content: names
    .map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1\nInstalled-Size: 100\n`)
    .join('\n'),
})

const init: Member = { path: 'init', content: '#!/bin/sh\n', mode: 0o755 }
const second: readonly Member[] = [init, { path: 'etc/s6/init/init-stage2', content: 'x' }]
const third: readonly Member[] = [init, { path: 'package/admin/s6-overlay-3.1.5.0/x', content: 'x' }]
const idle: Member = { path: 'etc/services.d/a/run', content: '#!/bin/sh\n', mode: 0o644 }

interface Extra {
  readonly layers?: readonly (readonly Member[])[]
  readonly base?: readonly Member[]
  readonly config?: object
  readonly history?: readonly object[]
  readonly init?: boolean
  readonly dockerfile?: string
  readonly architecture?: string
}

async function look(extra: Extra): Promise<readonly Finding[]> {
  const recipe: ImageRecipe = {
    layers: [[...base, ...(extra.base ?? [])], [run], ...(extra.layers ?? [])],
    config: { ...config, ...extra.config },
    ...(extra.history && { history: extra.history }),
    ...(extra.architecture && { architecture: extra.architecture }),
  }
  const target = addon({ run: runConfig({ init: extra.init ?? false }) })
  const image = await imageOf(recipe)
  return auditTarget({ ...inputOf(extra.dockerfile ?? clean, { target, context: contextOf() }), image })
}

test('has nothing to say of a clean image, whatever its base brings', async () => {
  expect(await look({})).toEqual([])
})

const secretKey = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEow'.repeat(12)}\n`

test.each<[string, string, Extra, Partial<Finding>]>([
  [
    'image/build-tools',
    'compilers of Alpine',
    { layers: [[apk(pack('gcc', 2e6), pack('musl-dev', 1e6), pack('libgcc', 5))]] },
    { bytes: 3e6, message: 'Build tools are left in the image: gcc and musl-dev.' },
  ],
  [
    'image/build-tools',
    'compilers of Debian with their parts',
    { layers: [[dpkg('gcc', 'gcc-12', 'gcc-12-base', 'libgcc-12-dev', 'cpp-12-x86-64-linux-gnu', 'libgcc-s1')]] },
    { bytes: 4 * 102_400 },
  ],
  ['image/dev-packages', 'headers', { layers: [[apk(pack('zlib-dev', 7000))]] }, { bytes: 7000 }],
  ['image/root-user', 'no USER', { config: { User: '' } }, { severity: 'warning' }],
  ['image/root-user', 'USER 0:0', { config: { User: '0:0' } }, { severity: 'warning' }],
  ['image/root-user', 'root under s6', { config: { User: '', Entrypoint: ['/init'] } }, { severity: 'notice' }],
  ['image/no-healthcheck', 'none', { config: { Healthcheck: undefined } }, {}],
  ['image/no-healthcheck', 'NONE', { config: { Healthcheck: { Test: ['NONE'] } } }, {}],
  [
    'image/slow-healthcheck',
    'an interval of 5 min',
    { config: { Healthcheck: { Test: ['CMD', 'x'], Interval: 300e9 } } },
    {},
  ],
  ['secret/environment', 'a token in ENV', { config: { Env: ['API_TOKEN=abcdef'] } }, { severity: 'error' }],
  [
    'secret/history',
    'a build argument',
    {
      history: [
        { created_by: 'ADD' },
        { created_by: 'RUN |2 VERSION=1 MQTT_PASSWORD=very secret /bin/sh -c make # buildkit' },
      ],
    },
    { message: 'The history of the image shows the value of MQTT_PASSWORD.' },
  ],
  [
    'secret/history',
    'a token in a command',
    {
      history: [
        { created_by: 'ADD' },
        { created_by: `RUN /bin/sh -c curl -H ghp_${'a'.repeat(36)} https://x # buildkit` },
      ],
    },
    { message: 'The history of the image shows a GitHub token.' },
  ],
  ['secret/file', 'a private key', { layers: [[{ path: 'app/key.pem', content: secretKey }]] }, { severity: 'error' }],
  [
    'secret/file',
    'a private key that is deleted later',
    { layers: [[{ path: 'app/key.pem', content: secretKey }], [{ path: 'app/.wh.key.pem' }]] },
    { message: '/app/key.pem holds a private key; a later layer hides it, but it can still be read.' },
  ],
  [
    'secret/file',
    'the key of an SSH server, which every device would share',
    { layers: [[{ path: 'etc/ssh/ssh_host_ed25519_key', content: secretKey, mode: 0o600 }]] },
    { fix: expect.stringContaining('ssh-keygen -A') as unknown as string },
  ],
  [
    'secret/file',
    'a login of npm',
    { layers: [[{ path: 'root/.npmrc', content: '//npm.example/:_authToken=abcdefghij\n' }]] },
    {},
  ],
  [
    'image/package-cache',
    'lists of apt',
    { layers: [[{ path: 'var/lib/apt/lists/x', content: big }]] },
    { bytes: 300_000 },
  ],
  [
    'image/package-cache',
    'wheels of pip',
    { layers: [[{ path: 'root/.cache/pip/a/b', content: big }]] },
    { bytes: 300_000 },
  ],
  [
    'image/virtual-leftover',
    '.build-deps',
    { layers: [[apk(pack('.build-deps', 0, '\nD:zlib lz4>=1'), pack('zlib', 40), pack('lz4', 2))]] },
    { bytes: 42, message: 'The package group .build-deps is left installed.' },
  ],
  [
    'image/bytecode',
    '__pycache__',
    { layers: [[{ path: 'app/__pycache__/a.cpython-312.pyc', content: big }]] },
    { bytes: 300_000 },
  ],
  ['image/vcs-folder', '.git', { layers: [[{ path: 'app/.git/HEAD', content: 'ref: x' }]] }, { bytes: 6 }],
  [
    'image/tests',
    'tests of a library',
    { layers: [[{ path: 'opt/lib/site-packages/x/tests/a.py', content: big }]] },
    { bytes: 300_000 },
  ],
  [
    'layer/deleted-later',
    'a file',
    { layers: [[{ path: 'opt/model', content: big }], [{ path: 'opt/.wh.model' }]] },
    { bytes: 300_000, message: 'This layer deletes what earlier ones brought: /opt/model.' },
  ],
  [
    'layer/chown-copy',
    'the same file twice',
    { layers: [[{ path: 'opt/model', content: big }], [{ path: 'opt/model', content: big }]] },
    { bytes: 300_000 },
  ],
  ['image/setuid', 'setuid', { layers: [[{ path: 'usr/bin/tool', content: elf(62), mode: 0o4755 }]] }, {}],
  ['image/setuid', 'setgid', { layers: [[{ path: 'usr/bin/tool', content: elf(62), mode: 0o2755 }]] }, {}],
  [
    'image/empty-password',
    'root without one',
    { layers: [[{ path: 'etc/shadow', content: 'root::1:0:::::\n' }]] },
    { severity: 'error' },
  ],
  ['image/empty-password', 'of the base as well', { base: [{ path: 'etc/shadow', content: 'root::1:0:::::\n' }] }, {}],
  ['image/empty-password', 'in passwd', { layers: [[{ path: 'etc/passwd', content: 'app::5:5:x:/:/bin/sh\n' }]] }, {}],
  ['image/world-writable', 'a file', { layers: [[{ path: 'etc/app.conf', content: 'x', mode: 0o666 }]] }, {}],
  [
    'image/world-writable',
    'a folder, once for all in it',
    {
      layers: [
        [
          { path: 'srv/', mode: 0o777 },
          { path: 'srv/a', content: 'x', mode: 0o666 },
        ],
      ],
    },
    { message: 'Everybody may write to /srv.' },
  ],
  [
    'image/wrong-architecture',
    'a program for arm64',
    { layers: [[{ path: 'usr/bin/tool', content: elf(183), mode: 0o755 }]] },
    { severity: 'error' },
  ],
  [
    'image/wrong-architecture',
    'a library that is only carried along',
    { layers: [[{ path: 'opt/lib/node_modules/x/prebuilds/arm/x.so', content: elf(40) }]] },
    { severity: 'notice', bytes: 512 },
  ],
  [
    'image/missing-interpreter',
    'the entrypoint needs bash',
    { layers: [[{ path: 'run.sh', content: '#!/bin/bash\n', mode: 0o755 }]] },
    { severity: 'error', message: '/bin/bash is not in the image, and /run.sh needs it.' },
  ],
  [
    'image/missing-interpreter',
    'env does not find python3',
    { layers: [[{ path: 'opt/x', content: '#!/usr/bin/env -S python3 -u\n', mode: 0o755 }]] },
    { severity: 'warning', message: 'python3 is not in the image, and /opt/x needs it.' },
  ],
  [
    'image/missing-interpreter',
    'a program of another C library',
    { layers: [[{ path: 'usr/bin/tool', content: elf(62, '/lib/ld-musl-x86_64.so.1'), mode: 0o755 }]] },
    { fix: expect.stringMatching(/glibc or musl/) as unknown as string },
  ],
  [
    'image/missing-interpreter',
    'a virtual environment without its Python',
    {
      layers: [
        [
          { path: 'opt/venv/bin/python3', type: '2', link: '/usr/local/bin/python3' },
          { path: 'opt/venv/bin/pip', content: '#!/opt/venv/bin/python3\n', mode: 0o755 },
        ],
      ],
    },
    {},
  ],
  [
    'image/crlf-script',
    'the entrypoint',
    { layers: [[{ path: 'run.sh', content: '#!/bin/sh\r\necho\r\n', mode: 0o755 }]] },
    { severity: 'error' },
  ],
  [
    'image/crlf-script',
    'a helper of a package that nobody starts',
    { layers: [[{ path: 'app/node_modules/x/cli.js', content: '#!/usr/bin/env node\r\n', mode: 0o755 }]] },
    { severity: 'notice' },
  ],
  [
    'image/missing-interpreter',
    'a helper of a package that nobody starts',
    { layers: [[{ path: 'app/node_modules/x/build.sh', content: '#!/bin/bash\n', mode: 0o755 }]] },
    { severity: 'notice' },
  ],
  [
    'image/missing-interpreter',
    'what a package brings for another init system',
    { layers: [[{ path: 'etc/sv/ssh/run', content: '#!/lib/runit/invoke-run\n', mode: 0o755 }]] },
    { severity: 'notice' },
  ],
  [
    'image/wrong-architecture',
    'a prebuilt module for other machines, in the folder of the app',
    { layers: [[{ path: 'app/node_modules/x/prebuilds/linux-arm/x.node', content: elf(40), mode: 0o755 }]] },
    { severity: 'notice' },
  ],
  [
    'image/not-executable',
    'the entrypoint',
    { layers: [[{ path: 'run.sh', content: '#!/bin/sh\n', mode: 0o644 }]] },
    { severity: 'error' },
  ],
  [
    'image/not-executable',
    'a service of s6',
    { layers: [[{ path: 'etc/services.d/a/run', content: '#!/bin/sh\n', mode: 0o644 }]] },
    {},
  ],
  [
    'image/not-executable',
    'a service of s6-overlay 3',
    { base: third, layers: [[idle]], config: { Entrypoint: ['/init'] } },
    { severity: 'error' },
  ],
  [
    'image/not-executable',
    'a service that another program starts, or none',
    { base: third, layers: [[idle]] },
    { severity: 'notice' },
  ],
  [
    'image/not-executable',
    'the entrypoint beneath s6-overlay 2',
    { base: second, layers: [[{ ...run, mode: 0o644 }]], config: { Entrypoint: ['/init'], Cmd: ['/run.sh'] } },
    { severity: 'error' },
  ],
  [
    'addon/s6-with-init',
    's6-overlay 3',
    { base: third, config: { Entrypoint: ['/init'] }, init: true },
    { severity: 'error' },
  ],
  ['addon/s6-with-init', 'another /init', { config: { Entrypoint: ['/init'] }, init: true }, { severity: 'notice' }],
  ['image/build-tools', 'binutils alone', { layers: [[apk(pack('binutils', 9))]] }, { severity: 'notice', bytes: 9 }],
  [
    'image/virtual-leftover',
    'a group that may be for run time',
    { layers: [[apk(pack('.mjpeg', 0, '\nD:libjpeg'), pack('libjpeg', 40))]] },
    { severity: 'notice', bytes: 40 },
  ],
  ['image/labels', 'none', { config: { Labels: {} } }, {}],
  [
    'image/labels',
    'a placeholder',
    { config: { Labels: { ...config.Labels, 'io.hass.arch': '{arch}' } } },
    { severity: 'warning' },
  ],
])('%s finds %s', async (rule, _, extra, expected) => {
  const found = (await look(extra)).filter((finding) => finding.rule === rule)
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject(expected)
  expect(found[0]?.where?.file).toBe('addon/Dockerfile')
})

test.each<[string, string, Extra]>([
  [
    'image/build-tools',
    'libraries of compilers',
    { layers: [[dpkg('gcc-12-base', 'libgcc-s1', 'libstdc++6', 'git', 'binutils-common-libs')]] },
  ],
  [
    'image/build-tools',
    'compilers of the base',
    { base: [apk(pack('gcc', 9))], layers: [[apk(pack('gcc', 9), pack('curl', 1))]] },
  ],
  [
    'image/build-tools',
    'compilers that a later layer deletes',
    { layers: [[apk(pack('gcc', 9))], [apk(pack('curl', 1))]] },
  ],
  ['image/dev-packages', 'others', { layers: [[apk(pack('device-mapper', 9), pack('libdev', 1))]] }],
  ['image/virtual-leftover', 'a group that went', { layers: [[apk(pack('.deps', 0))], [apk(pack('zlib', 1))]] }],
  ['image/package-cache', 'lists of the base', {}],
  [
    'image/package-cache',
    'lists that a later layer deletes',
    { layers: [[{ path: 'var/lib/apt/lists/x', content: big }], [{ path: 'var/lib/apt/.wh.lists' }]] },
  ],
  [
    'image/bytecode',
    'that of the packages of the distribution',
    { layers: [[{ path: 'usr/lib/python3/dist-packages/x/__pycache__/a.pyc', content: big }]] },
  ],
  ['image/bytecode', 'a little', { layers: [[{ path: 'app/__pycache__/a.pyc', content: 'x' }]] }],
  ['image/vcs-folder', '.gitignore', { layers: [[{ path: 'app/.gitignore', content: 'x' }]] }],
  ['image/tests', 'a program called test', { layers: [[{ path: 'usr/bin/test', content: big, mode: 0o755 }]] }],
  [
    'layer/deleted-later',
    'what the base brought',
    { base: [{ path: 'opt/model', content: big }], layers: [[{ path: 'opt/.wh.model' }]] },
  ],
  ['layer/deleted-later', 'a small file', { layers: [[{ path: 'opt/a', content: 'x' }], [{ path: 'opt/.wh.a' }]] }],
  [
    'layer/chown-copy',
    'other content',
    { layers: [[{ path: 'opt/m', content: big }], [{ path: 'opt/m', content: `${big}y` }]] },
  ],
  ['secret/environment', 'a place of a secret', { config: { Env: ['TOKEN_FILE=/run/secrets/x', 'PASSWORD='] } }],
  [
    'secret/history',
    'other arguments',
    {
      history: [
        { created_by: 'ADD' },
        { created_by: 'RUN |2 A=1 TOKEN= /bin/sh -c X_TOKEN=$(cat /run/secrets/x) make' },
      ],
    },
  ],
  [
    'secret/file',
    'a certificate',
    { layers: [[{ path: 'app/ca.pem', content: '-----BEGIN CERTIFICATE-----\nMIIB\n' }]] },
  ],
  [
    'secret/file',
    'a test key of a library',
    { layers: [[{ path: 'usr/lib/python3/site-packages/x/key.pem', content: secretKey }]] },
  ],
  ['secret/file', 'a key of the base', { base: [{ path: 'etc/ssl/snake.key', content: secretKey }] }],
  [
    'secret/file',
    'a template',
    { layers: [[{ path: 'app/x.yaml', content: `key: |\n  -----BEGIN PRIVATE KEY-----\n  {{ key }}\n` }]] },
  ],
  [
    'image/setuid',
    'a bit that goes again',
    {
      layers: [[{ path: 'usr/bin/t', content: 'x', mode: 0o4755 }], [{ path: 'usr/bin/t', content: 'x', mode: 0o755 }]],
    },
  ],
  [
    'image/empty-password',
    'a base that is mended',
    {
      base: [{ path: 'etc/shadow', content: 'root::1:0:::::\n' }],
      layers: [[{ path: 'etc/shadow', content: 'root:!:1:0:::::\n' }]],
    },
  ],
  ['image/world-writable', 'a folder with the sticky bit', { layers: [[{ path: 'srv/', mode: 0o1777 }]] }],
  [
    'image/world-writable',
    'a folder that is closed again',
    { layers: [[{ path: 'srv/', mode: 0o777 }], [{ path: 'srv/', mode: 0o755 }]] },
  ],
  ['image/world-writable', 'a link', { layers: [[{ path: 'a', type: '2', link: 'bin/sh', mode: 0o777 }]] }],
  [
    'image/wrong-architecture',
    'programs of 32 bits on a machine of 64',
    { layers: [[{ path: 'usr/bin/t', content: elf(3), mode: 0o755 }]] },
  ],
  [
    'image/missing-interpreter',
    'links to the interpreter',
    {
      layers: [
        [
          { path: 'usr/bin/bash', type: '2', link: '../../bin/sh' },
          { path: 'x', content: '#!/usr/bin/bash -e\n', mode: 0o755 },
        ],
      ],
    },
  ],
  [
    'image/missing-interpreter',
    'what comes with the start',
    { layers: [[{ path: 'x', content: '#!/run/tool\n', mode: 0o755 }]] },
  ],
  [
    'image/missing-interpreter',
    'a file that is not to be executed',
    { layers: [[{ path: 'usr/share/x', content: '#!/bin/nothing\n' }]] },
  ],
  ['image/crlf-script', 'a text', { layers: [[{ path: 'a.txt', content: 'a\r\nb\r\n' }]] }],
  ['image/not-executable', 'a script that is sourced', { layers: [[{ path: 'opt/lib.sh', content: '#!/bin/sh\n' }]] }],
  [
    'image/not-executable',
    'an s6-rc service, which s6 compiles',
    { layers: [[{ path: 'etc/s6-overlay/s6-rc.d/a/up', content: '#!/bin/sh\n' }]] },
  ],
  [
    'image/not-executable',
    'a service of s6-overlay 2, which sets the right itself',
    { base: second, layers: [[idle]], config: { Entrypoint: ['/init'] } },
  ],
  ['addon/s6-with-init', 's6-overlay 2', { base: second, config: { Entrypoint: ['/init'] }, init: true }],
  [
    'image/virtual-leftover',
    'a group for run time',
    { layers: [[apk(pack('.run-deps', 0, '\nD:libjpeg'), pack('libjpeg', 40))]] },
  ],
  ['addon/s6-with-init', 'init: false', { config: { Entrypoint: ['/init'] }, init: false }],
])('%s leaves %s alone', async (rule, _, extra) => {
  expect((await look(extra)).map((finding) => finding.rule)).not.toContain(rule)
})

test('leads from a layer to its line of the Dockerfile, and from a script to its file', async () => {
  const dockerfile = 'FROM base:1.0\nCOPY rootfs /\nRUN rm -rf /opt/model\nUSER nobody\n'
  const recipe: ImageRecipe = {
    dockerfile,
    layers: [
      base,
      [
        { path: 'opt/model', content: big },
        { path: 'etc/services.d/a/run', content: '#!/bin/sh\r\n', mode: 0o755 },
      ],
      [{ path: 'opt/.wh.model' }],
    ],
    history: [
      { created_by: 'ADD base' },
      { created_by: 'COPY rootfs / # buildkit' },
      { created_by: 'RUN /bin/sh -c rm -rf /opt/model # buildkit' },
    ],
    config,
  }
  const context = contextOf({}, [{ path: 'rootfs/etc/services.d/a/run', crlf: true, executable: true }])
  const findings = auditTarget({ ...inputOf(dockerfile, { context }), image: await imageOf(recipe) })
  expect(findings).toMatchObject([
    { rule: 'image/crlf-script', where: { file: 'addon/rootfs/etc/services.d/a/run', line: 1 } },
    { rule: 'layer/deleted-later', where: { file: 'addon/Dockerfile', line: 3 } },
  ])
})

test('says names from an image as plain text', async () => {
  const hostile = 'app/\u202egnp.\u001b[31mexe\nx/.git/HEAD'
  const [finding] = await look({ layers: [[{ path: hostile, content: 'x' }]] })
  expect(finding?.rule).toBe('image/vcs-folder')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
  expect(finding?.message).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/)
})
