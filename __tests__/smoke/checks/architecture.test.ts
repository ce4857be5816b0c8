import { describe, expect, test } from '@jest/globals'
import type { Program } from '../../../src/image/elf.ts'
import { configMismatch, resolveProgram } from '../../../src/smoke/checks/architecture.ts'
import type { ImageFacts } from '../../../src/smoke/container/image.ts'

const image = (changes: Partial<ImageFacts> = {}): ImageFacts => ({
  id: 'sha256:1',
  os: 'linux',
  architecture: 'arm64',
  entrypoint: [],
  command: [],
  environment: new Map(),
  workingFolder: '/',
  exposed: [],
  labels: new Map(),
  ...changes,
})

describe('the architecture', () => {
  test.each([
    ['armv7', { architecture: 'arm', variant: 'v7' }, undefined],
    ['armv7', { architecture: 'arm' }, undefined],
    ['aarch64', { architecture: 'arm64', variant: 'v8' }, undefined],
    [
      'armv7',
      { architecture: 'arm', variant: 'v6' },
      'the image config is for linux/arm/v6, but must be for linux/arm/v7',
    ],
    ['aarch64', { architecture: 'amd64' }, 'the image config is for linux/amd64, but must be for linux/arm64'],
    [
      'amd64',
      { os: 'windows', architecture: 'amd64' },
      'the image config is for windows/amd64, but must be for linux/amd64',
    ],
  ] as const)('of %s matches the config %j or says why not', (architecture, config, expected) => {
    expect(configMismatch(image(config), architecture)).toBe(expected)
  })

  test('is that of the program behind scripts, links of scripts and PATH', async () => {
    const files: Record<string, Program> = {
      '/usr/bin/start': { kind: 'script', interpreter: '/usr/bin/env', argument: 'python3' },
      '/usr/bin/env': { kind: 'elf', machine: 'arm64' },
      '/app/run': { kind: 'script', interpreter: '/app/run' },
    }
    const read = async (path: string) => files[path]
    const facts = { environment: new Map([['PATH', '/bin:/usr/bin']]), workingFolder: '/app' }
    expect(await resolveProgram('start', facts, read)).toEqual({ path: '/usr/bin/env', machine: 'arm64' })
    expect(await resolveProgram('./run', facts, read)).toBeUndefined()
    expect(await resolveProgram('nothing', facts, read)).toBeUndefined()
  })

  test('reads at most 32 folders of PATH', async () => {
    const requested: string[] = []
    const folders = Array.from({ length: 5000 }, (_, index) => `/f${index}`)
    const facts = { environment: new Map([['PATH', folders.join(':')]]), workingFolder: '/' }
    await resolveProgram('x', facts, async (path) => void requested.push(path))
    expect(requested).toHaveLength(32)
  })
})
