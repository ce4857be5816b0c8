import { describe, expect, test } from '@jest/globals'
import { createOutput } from '../../../src/smoke/container/output.ts'

const same = (text: string): string => text

describe('what a container prints', () => {
  test('is kept from its end, in order, short, and masked', () => {
    const output = createOutput((text) => text.replaceAll('secret', '***'))
    for (let index = 0; index < 1000; index += 1) output.add(`${index} secret ${'x'.repeat(3000)}`, 'stdout')
    output.add('other', 'stderr')
    expect(output.stdout).toHaveLength(200)
    expect(output.stdout[0]).toMatch(/^800 \*\*\*/)
    expect(output.stdout.at(-1)).toMatch(/^999 \*\*\* x{10}/)
    expect(output.stdout.at(-1)?.length).toBeLessThan(2010)
    expect(output.stderr).toEqual(['other'])
    output.clear()
    output.add('new', 'stdout')
    expect([output.stdout, output.stderr]).toEqual([['new'], []])
  })
  test.each([
    ['Traceback (most recent call last):', true],
    ['panic: runtime error', true],
    ['2026 level FATAL: no database', true],
    ['a non-fatal problem', false],
    ['all is well', false],
    ['[FATAL tini (7)] exec /x failed', false],
  ])('is suspicious: %s → %p', (line, expected) => {
    const output = createOutput(same)
    output.add(line, 'stderr')
    expect(output.suspicious).toEqual(expected ? [line] : [])
  })
})
