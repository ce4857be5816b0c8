import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { auditFolder } from '../cli/commands/call-audit.ts'

// Typical add-ons. Each has exactly the findings that are right: users switch an audit off because of false alarms.

interface Addon {
  readonly dockerfile: string
  /** Default: the name of the Dockerfile. */
  readonly slug?: string
  /** `build_from` of build.yaml. */
  readonly from?: string
  /** Further lines of config.yaml. */
  readonly config?: string
  readonly files?: Readonly<Record<string, string>>
  /** Scripts among them that lack the right. */
  readonly notExecutable?: readonly string[]
  /** `rule:line`, a notice in brackets. */
  readonly expected: readonly string[]
}

const s6 = 'init: false'
const script = '#!/usr/bin/with-contenv bashio\nexec sleep infinity\n'
const noHealthcheck = (line: number) => `image/no-healthcheck:${line}`
const rootUnderS6 = (line: number) => `(image/root-user:${line})`

const addons: readonly Addon[] = [
  {
    dockerfile: 'bashio',
    from: 'ghcr.io/home-assistant/amd64-base:3.22',
    config: s6,
    files: { 'rootfs/etc/services.d/modem/run': script },
    expected: [noHealthcheck(3), rootUnderS6(3)],
  },
  { dockerfile: 'c-plugin', config: s6, expected: [rootUnderS6(2)] },
  {
    dockerfile: 'node-release',
    from: 'ghcr.io/home-assistant/amd64-base:3.22',
    expected: ['image/root-user:16'],
  },
  {
    dockerfile: 'node-naive',
    files: { 'server.js': '', 'node_modules/x/index.js': 'x'.repeat(9000), '.git/HEAD': 'ref: x' },
    expected: [
      'dockerfile/base-not-pinned:1',
      'image/package-cache:3',
      'image/build-tools:4',
      'context/no-ignore-file:6',
      'dockerfile/cache-order:7',
      'image/package-cache:7',
      noHealthcheck(1),
    ],
  },
  {
    dockerfile: 'go',
    files: { '.dockerignore': '**/.git\n', '.git/HEAD': 'ref: x' },
    expected: ['dockerfile/base-not-pinned:14', noHealthcheck(12)],
  },
  {
    dockerfile: 'python-home-assistant',
    from: 'ghcr.io/home-assistant/amd64-base-python:3.13-alpine3.22',
    config: s6,
    expected: [rootUnderS6(2)],
  },
  { dockerfile: 'python-uv', expected: ['dockerfile/base-not-pinned:2'] },
  {
    dockerfile: 'nginx-ingress',
    config: s6,
    // The script is made executable by the Dockerfile, and helpers that are not copied do not matter.
    files: { 'rootfs/etc/services.d/web/run': script, 'tools/release.sh': '#!/bin/sh\r\n' },
    expected: ['dockerfile/add-url:7', 'layer/deleted-later:8', noHealthcheck(2), rootUnderS6(2)],
  },
  {
    dockerfile: 'debian',
    config: s6,
    expected: ['image/package-cache:12', noHealthcheck(3), rootUnderS6(3)],
  },
  {
    dockerfile: 'linuxserver',
    from: 'lscr.io/linuxserver/subtitles:amd64-',
    config: s6,
    expected: ['dockerfile/cache-order:15', noHealthcheck(3), rootUnderS6(3)],
  },
  {
    dockerfile: 'upstream',
    from: 'ghcr.io/hassio-addons/debian-base:7.8.3',
    config: s6,
    files: { 'rootfs/etc/cont-init.d/engine.sh': '#!/usr/bin/with-contenv bashio\r\necho\r\n' },
    expected: ['image/crlf-script:1', 'image/package-cache:6', noHealthcheck(5), rootUnderS6(5)],
  },
  {
    // s6-overlay 2: runs under "init: true", the default, and sets the rights of its scripts.
    dockerfile: 'community-11',
    from: 'ghcr.io/hassio-addons/base/amd64:11.1.1',
    files: { 'rootfs/etc/services.d/rclone/run': script, 'rootfs/etc/cont-init.d/rclone.sh': script },
    notExecutable: ['rootfs/etc/services.d/rclone/run', 'rootfs/etc/cont-init.d/rclone.sh'],
    expected: [noHealthcheck(2), rootUnderS6(2), '(image/virtual-leftover:4)', 'layer/deleted-later:10'],
  },
  {
    // The same with s6-overlay 3.
    dockerfile: 'community-11',
    slug: 'community-12',
    from: 'ghcr.io/hassio-addons/base/amd64:12.2.7',
    files: { 'rootfs/etc/services.d/rclone/run': script },
    notExecutable: ['rootfs/etc/services.d/rclone/run'],
    expected: [
      'image/not-executable:1',
      'addon/s6-with-init:2',
      noHealthcheck(2),
      rootUnderS6(2),
      '(image/virtual-leftover:4)',
      'layer/deleted-later:10',
    ],
  },
  {
    dockerfile: 'no-base',
    files: { 'run.sh': script },
    expected: [noHealthcheck(2), rootUnderS6(2), '(image/build-tools:6)'],
  },
  {
    dockerfile: 'once',
    config: 'startup: once',
    expected: ['secret/build-argument:4', 'secret/environment:5', 'image/root-user:1'],
  },
]

const folder = mkdtempSync(join(tmpdir(), 'aud-wild-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(addons.map((addon) => [addon.slug ?? addon.dockerfile, addon] as const))(
  'reports exactly the problems of %s',
  async (name, addon) => {
    const config = `name: A\nversion: 1.0.0\nslug: ${name}\ndescription: An add-on\narch: [amd64, aarch64]\n${addon.config ?? ''}\n`
    const files = {
      Dockerfile: readFileSync(join(import.meta.dirname, 'wild', `${addon.dockerfile}.dockerfile`), 'utf8'),
      'config.yaml': config,
      ...(addon.from !== undefined && {
        'build.yaml': `build_from:\n  amd64: ${addon.from}\n  aarch64: ${addon.from}\n`,
      }),
      ...addon.files,
    }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name, path)), { recursive: true })
      writeFileSync(join(folder, name, path), text, {
        mode: text.startsWith('#!') && !addon.notExecutable?.includes(path) ? 0o755 : 0o644,
      })
    }
    const { said } = await auditFolder(folder, name)
    const found = said
      .filter(({ code }) => code.startsWith('audit/'))
      .map(({ code, severity, where }) => {
        const place = `${code.slice('audit/'.length)}:${where?.line}`
        return severity === 'notice' ? `(${place})` : place
      })
    expect(found.sort()).toEqual([...addon.expected].sort())
  },
)
