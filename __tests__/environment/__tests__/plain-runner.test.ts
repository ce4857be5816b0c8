import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from '@jest/globals'

const root = resolve(import.meta.dirname, '../../..')
const runner = join(root, '__tests__/environment/suite/plain/runner.mjs')

const files: Readonly<Record<string, string>> = {
  passes: "test('one', () => expect(1).toBe(1))",
  fails: "test('one', () => expect(1).toBe(2))",
  'does not load': "import './nowhere.ts'\ntest('one', () => {})",
  'leaves a rejection': `test('one', async () => {
    void Promise.reject(new Error('lost'))
    await new Promise((resolve) => setTimeout(resolve, 20))
  })`,
  'ends its process': "test('one', () => process.exit(0))",
  'has no test': 'export {}',
  'never ends': "test('one', () => new Promise(() => setInterval(() => {}, 1000)))",
}

test('a test file passes only if each of its tests passes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aicleaner-plain-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.test.ts`), text)
    const config = { rootDir: folder, testMatch: ['**/*.test.ts'], testTimeout: 500, transform: {} }
    const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${join(folder, 'result.json')}`]
    const args = [...jest, `--runner=${runner}`, `--config=${JSON.stringify(config)}`, '--maxWorkers=2']
    const { status } = spawnSync(process.execPath, args, { cwd: folder })
    const { testResults } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as {
      readonly testResults: readonly { readonly name: string; readonly status: string }[]
    }
    const passed = testResults.filter((one) => one.status === 'passed').map((one) => one.name)
    expect(testResults).toHaveLength(Object.keys(files).length)
    expect(passed).toEqual([join(folder, 'passes.test.ts')])
    expect(status).toBe(1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('expectations behave as in jest', async () => {
  expect(() => expect(1).toBe(1)).not.toThrow()
  expect(() => expect(1).toBe(2)).toThrow(/Expected: .*2.*\n.*Received: .*1/)
  expect(() => expect(1).not.toBe(1)).toThrow(/Expected: not .*1/)
  await expect(expect(Promise.resolve(1)).resolves.toBe(2)).rejects.toThrow(/resolves.*toBe/)
  await expect(expect(Promise.reject(new Error('no'))).rejects.not.toThrow('no')).rejects.toThrow(/no/)
  await expect(expect(Promise.resolve(1)).rejects.toBe(1)).rejects.toThrow(/resolved instead of rejected/)
  expect(expect({ a: [1, 2] }).toEqual({ a: expect.arrayContaining([2]) })).toBeUndefined()
  expect(expect(1)).toHaveProperty('toBe')
  expect((expect(1) as unknown as Record<string, unknown>).toBeAnything).toBeUndefined()
})
