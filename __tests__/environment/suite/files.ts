import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Need } from '../facts.ts'

/**
 * Pure. An end-to-end test needs the test environment. An integration test needs only Node and git, and exercises many modules with real files and processes:
 * hostile checkouts, images in little memory, jobs of the fake runner. Everything else is a unit test.
 */
export function kindOf(file: string): 'unit' | 'integration' | 'e2e' {
  if (file.endsWith('.e2e.test.ts')) return 'e2e'
  return file.endsWith('.integration.test.ts') ? 'integration' : 'unit'
}

/** The test files below `root` as sorted relative paths. */
export function testFiles(root: string): readonly string[] {
  return readdirSync(join(root, '__tests__'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
    .map((name) => `__tests__/${name}`)
    .sort()
}

/** The files whose path contains one of the patterns; all files without a pattern. Pure. */
export const matching = (files: readonly string[], patterns: readonly string[]): readonly string[] =>
  patterns.length === 0 ? files : files.filter((file) => patterns.some((pattern) => file.includes(pattern)))

/** Those of `needs` that a test file names in quotes: what takes minutes to make is only made for the tests that ask for it. `texts`: of the test files. Pure. */
export const namedIn = (texts: readonly string[], needs: readonly Need[]): readonly Need[] =>
  needs.filter((need) => texts.some((text) => text.includes(`'${need}'`)))
