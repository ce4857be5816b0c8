import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** An end-to-end test needs what the testbed prepares; a unit test needs nothing but Node. */
export const isEndToEnd = (file: string): boolean => file.startsWith('__tests__/e2e/') || file.endsWith('.e2e.test.ts')

/** The test files below `root`, as paths from there, sorted. */
export function testFiles(root: string): readonly string[] {
  return readdirSync(join(root, '__tests__'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => `__tests__/${name}`)
    .sort()
}

/** Those whose path contains one of the patterns, or all when there is none. Pure. */
export const matching = (files: readonly string[], patterns: readonly string[]): readonly string[] =>
  patterns.length === 0 ? files : files.filter((file) => patterns.some((pattern) => file.includes(pattern)))
