import { describe, expect, test } from '@jest/globals'
import type { Facts, Need } from '../facts.ts'
import { whySkipped } from '../facts.ts'
import type { Tool } from '../packages/choose.ts'
import { missingTools, type Present, withPrerequisites } from '../plan.ts'
import { describePiece } from '../words.ts'

const allTools: readonly Tool[] = ['daemon', 'client', 'buildx', 'compose', 'qemu', 'registry', 'mmdebstrap', 'go']
const everything: readonly Need[] = ['engine', 'classic-engine', 'emulators', 'registry', 'bases', 'buildkit']
const bare: Present = {
  tools: new Set(),
  engine: false,
  emulators: false,
  bases: false,
  buildkit: false,
  mailhog: false,
  registry3: false,
  publicRegistry: false,
}

describe('the prerequisites of a need', () => {
  test.each<[Need[], Need[]]>([
    [['engine'], ['engine']],
    [['emulators'], ['emulators']],
    [['registry'], ['registry']],
    [['registry3'], ['registry3']],
    [['bases'], ['engine', 'registry', 'bases']],
    [['buildkit'], ['engine', 'registry', 'buildkit']],
    [['classic-engine'], ['engine', 'classic-engine']],
    [[], []],
  ])('%j', (needs, expected) => {
    expect(withPrerequisites(needs)).toEqual(expected)
  })
})

describe('tools to install', () => {
  test.each<[string, readonly Need[], Partial<Present>, readonly Tool[]]>([
    ['everything on a bare machine', everything, {}, allTools],
    ['nothing if everything is installed', everything, { tools: new Set(allTools) }, []],
    ['no daemon if a remote engine answers', ['engine'], { engine: true }, ['client', 'buildx', 'compose']],
    [
      'a daemon for a second engine in any case',
      ['engine', 'classic-engine'],
      { engine: true, tools: new Set(['client', 'buildx', 'compose']) },
      ['daemon'],
    ],
    ['no QEMU if handlers are registered', ['emulators'], { emulators: true }, []],
    ['no mmdebstrap if bases are cached', ['bases'], { bases: true }, []],
    ['Go for MailHog', ['mailhog'], {}, ['go']],
    ['no Go if MailHog is cached', ['mailhog'], { mailhog: true }, []],
    ['Go for a second implementation of a registry', ['registry3'], {}, ['go']],
    ['no Go if that one is cached', ['registry3'], { registry3: true }, []],
    ['no Go if BuildKit is cached', ['bases', 'buildkit'], { buildkit: true }, ['mmdebstrap']],
    [
      'no tools to build images if public registries are reachable',
      ['registry', 'bases', 'buildkit'],
      { publicRegistry: true },
      [],
    ],
  ])('are %s', (_, needs, present, expected) => {
    expect([...missingTools(needs, { ...bare, ...present })].sort()).toEqual([...expected].sort())
  })
})

describe('a skipped test', () => {
  const facts: Facts = { engines: {}, runnable: [], missing: { emulators: 'no qemu-arm', buildkit: 'no Go' } }

  test.each<[Need[], string | undefined]>([
    [['registry'], undefined],
    [[], undefined],
    [['emulators'], 'skipped, missing emulators: no qemu-arm'],
    [['registry', 'emulators', 'buildkit'], 'skipped, missing emulators: no qemu-arm; buildkit: no Go'],
  ])('that needs %j lists the missing pieces', (needs, reason) => {
    expect(whySkipped(needs, facts)).toBe(reason)
  })
})

test('the line about a missing piece lists the skipped tests', () => {
  expect(describePiece('emulators', 'missing', 'no qemu-arm')).toMatch(
    /emulators +missing +no qemu-arm; skipped: tests that run arm64/,
  )
  expect(describePiece('registry', 'started', 'localhost:5')).toMatch(/registry +started +localhost:5$/)
})
