import { auditTarget } from '../../src/audit/audit.ts'
import type { Finding } from '../../src/audit/finding.ts'
import { runConfig } from '../fixtures/target.ts'
import { elf } from '../image/samples/elf.ts'
import type { Member } from '../image/samples/tar.ts'
import { addon, clean, contextOf, type ImageRecipe, imageOf, inputOf, labels } from './subjects.ts'

const sh: Member = { path: 'bin/sh', content: elf(62), mode: 0o755 }
export const base: readonly Member[] = [
  { path: 'bin/' },
  sh,
  { path: 'usr/bin/env', content: elf(62), mode: 0o755 },
  { path: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\n' },
  { path: 'etc/shadow', content: 'root:*:1:0:99999:7:::\nbin:!:1:0:::::\n' },
  { path: 'usr/bin/su', content: elf(62), mode: 0o4755 },
  { path: 'tmp/', mode: 0o1777 },
  { path: 'var/lib/apt/lists/base', content: 'x'.repeat(50_000) },
]
export const run: Member = { path: 'run.sh', content: '#!/bin/sh\necho\n', mode: 0o755 }
export const config = {
  User: 'nobody',
  Entrypoint: ['/run.sh'],
  Labels: Object.fromEntries(labels),
  Healthcheck: { Test: ['CMD', '/run.sh'], Interval: 30e9 },
  Env: ['PATH=/bin'],
}

export const big = 'x'.repeat(300_000)
export const apk = (...packages: readonly string[]): Member => ({
  path: 'lib/apk/db/installed',
  content: packages.map((one) => `${one}\n`).join('\n'),
})
export const pack = (name: string, bytes: number, more = ''): string => `P:${name}\nV:1\nI:${bytes}${more}`
export const dpkg = (...names: readonly string[]): Member => ({
  path: 'var/lib/dpkg/status',
  content: names
    .map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1\nInstalled-Size: 100\n`)
    .join('\n'),
})

export const secretKey = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEow'.repeat(12)}\n`

/** Changes to a clean image. */
export interface ImageChanges {
  readonly layers?: readonly (readonly Member[])[]
  readonly base?: readonly Member[]
  readonly config?: object
  readonly history?: readonly object[]
  readonly init?: boolean
  readonly dockerfile?: string
  readonly architecture?: string
}

/** The findings for a clean image with changes. */
export async function auditImage(changes: ImageChanges): Promise<readonly Finding[]> {
  const recipe: ImageRecipe = {
    layers: [[...base, ...(changes.base ?? [])], [run], ...(changes.layers ?? [])],
    config: { ...config, ...changes.config },
    ...(changes.history && { history: changes.history }),
    ...(changes.architecture && { architecture: changes.architecture }),
  }
  const target = addon({ run: runConfig({ init: changes.init ?? false }) })
  const image = await imageOf(recipe)
  return auditTarget({ ...inputOf(changes.dockerfile ?? clean, { target, context: contextOf() }), image })
}
