import { describe, expect, test } from '@jest/globals'
import { createOutput } from '../../../src/smoke/container/output.ts'

const same = (text: string): string => text

describe('what a container prints', () => {
  test('is short and masked', () => {
    const output = createOutput((text) => text.replaceAll('secret', '***'))
    output.add(`secret ${'x'.repeat(3000)}`, 'stdout')
    output.add('other', 'stderr')
    expect(output.stdout).toEqual([expect.stringMatching(/^\*\*\* x{10}/)])
    expect(output.stdout[0]?.length).toBeLessThan(2010)
    expect(output.stderr).toEqual(['other'])
    output.clear()
    output.add('new', 'stdout')
    expect([output.stdout, output.stderr]).toEqual([['new'], []])
  })
  test('has no requests of our own probes, but what they cause', () => {
    const output = createOutput(same)
    output.add('172.30.33.1 - - [01/Dec/2026] "GET / HTTP/1.1" 200 612 "-" "aicleaner-build"', 'stdout')
    output.add('FATAL while answering aicleaner-build', 'stdout')
    output.add('ready', 'stdout')
    expect(output.stdout).toEqual(['ready'])
    expect(output.suspicious).toEqual(['FATAL while answering aicleaner-build'])
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
