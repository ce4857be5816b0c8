import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { buildArguments } from '../../src/build/build-command.ts'
import type { Builder } from '../../src/build/builders/builder.ts'
import { lacksOciExport, limitToClassicStore } from '../../src/build/classic-store.ts'
import { saveLayout } from '../../src/build/save-layout.ts'
import type { Processes, SpawnOptions } from '../../src/core/host.ts'
import type { Engine } from '../../src/docker/engine.ts'
import type { CacheKind } from '../../src/inputs/options.ts'
import { target } from '../fixtures/target.ts'
import { codeOf } from '../image/samples/image.ts'

describe('a builder that can only load', () => {
  test.each<[Builder['driver'], Engine['store'], boolean]>([
    ['docker', 'classic', true],
    ['docker-container', 'classic', false],
    ['remote', 'classic', false],
    ['other', 'classic', false],
    ['docker', 'containerd', false],
  ])('%s on the %s store: %s', (driver, store, expected) => {
    expect(lacksOciExport({ driver }, { store })).toBe(expected)
  })

  test('has one output and no annotations', () => {
    const args = buildArguments(target({ annotations: new Map([['a', 'b']]) }), {
      builder: { name: 'default', driver: 'docker', owned: false },
      cache: { kinds: [], write: true },
      options: { cacheMode: 'max', noCache: false, pull: false, secrets: [], compression: { kind: 'zstd' } },
      load: 'aicleaner-build.invalid/a:1',
      lacksOciExport: true,
      paths: { layout: '/layout', metadata: '/metadata' },
      workspace: '/work',
    })
    expect(args.filter((_, index) => args[index - 1] === '--output')).toEqual([
      'type=docker,name=aicleaner-build.invalid/a:1',
    ])
    expect(args).not.toContain('--annotation')
  })
})

describe('the limits of such a builder', () => {
  const options = { push: true, provenance: false, sbom: false } as const
  const cache = (...kinds: CacheKind['kind'][]) => ({
    plan: { kinds: kinds.map((kind) => ({ kind }) as CacheKind), write: true },
    diagnostics: [],
  })
  const codes = (kinds: CacheKind['kind'][]) => {
    const { plan, diagnostics } = limitToClassicStore(cache(...kinds), options)
    return [plan.kinds.map(({ kind }) => kind), plan.write, diagnostics.map(({ code }) => code)]
  }

  test.each<[CacheKind['kind'][], unknown[]]>([
    [[], [[], true, []]],
    [['inline'], [['inline'], true, []]],
    [['gha'], [[], true, ['cache/classic-store']]],
    [['registry'], [['registry'], false, ['cache/classic-store']]],
    [
      ['gha', 'inline'],
      [['inline'], true, ['cache/classic-store']],
    ],
  ])('reduce cache %j to what it supports, with one notice', (kinds, expected) => {
    expect(codes(kinds)).toEqual(expected)
  })

  test.each([
    [{ ...options, provenance: 'true' }, 'input/classic-store'],
    [{ ...options, sbom: 'true' }, 'input/classic-store'],
    [{ ...options, push: false, sbom: 'true' }, undefined],
  ])('apply to attestations before the build: %j', async (asked, code) => {
    expect(await codeOf((async () => limitToClassicStore(cache(), asked))())).toBe(code)
  })
})

describe('saving the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saved-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const configDigest = `sha256:${'a'.repeat(64)}`
  const save = (follow: (options: SpawnOptions, args: readonly string[]) => Promise<number>) => {
    const processes = { spawn: (_command, args, options = {}) => follow(options, args) } as Processes
    return saveLayout(folder, { configDigest }, { processes, signal: new AbortController().signal })
  }

  test('requests it by digest', async () => {
    let asked: readonly string[] = []
    const work = save(async ({ output }, args) => {
      asked = args
      output?.end()
      return 1
    })
    await work.catch(() => {})
    expect(asked).toEqual(['image', 'save', configDigest])
  })

  test('fails with the message of the engine if the image no longer exists', async () => {
    const work = save(async ({ output, onLine }) => {
      onLine?.('Error response from daemon: No such image', 'stderr')
      output?.end()
      return 1
    })
    await expect(work).rejects.toThrow(/No such image/)
    expect(await codeOf(work)).toBe('environment/not-saved')
  })

  test('fails if docker cannot be started', async () => {
    await expect(save(() => Promise.reject(new Error('no docker here')))).rejects.toThrow('no docker here')
  })
})
