import { describe, expect, test } from '@jest/globals'
import { verdictOf, withHint } from '../../src/smoke/verdict.ts'

describe('a hint', () => {
  const check = (name: string, status: 'pass' | 'warn' | 'fail' | 'skip') => ({ name, status, reason: name })

  test.each(['starts', 'healthy', 'settles'])('is added to the first failure if it is "%s"', (name) => {
    const checks = [check('options', 'warn'), check(name, 'fail'), check('healthy', 'fail')]
    expect(withHint(checks, '; look').map(({ reason }) => reason)).toEqual(['options', `${name}; look`, 'healthy'])
  })

  test('is not added to a failure of another kind, nor where nothing failed, nor when there is none', () => {
    for (const checks of [[check('options', 'fail'), check('starts', 'fail')], [check('starts', 'pass')]])
      expect(withHint(checks, '; look')).toEqual(checks)
    expect(withHint([check('starts', 'fail')])).toEqual([check('starts', 'fail')])
  })
})

describe('the verdict', () => {
  const check = (name: string, status: 'pass' | 'warn' | 'fail' | 'skip') => ({ name, status, reason: `${name}: why` })

  test.each([
    [
      'the first failure',
      [check('stops', 'warn'), check('starts', 'fail'), check('memory', 'fail')],
      true,
      'starts: why',
    ],
    ['how it became ready', [check('starts', 'pass'), check('healthy', 'pass')], false, 'healthy: why'],
    [
      'with the number of warnings',
      [check('healthy', 'warn'), check('stops', 'warn'), check('user', 'skip')],
      false,
      'healthy: why (2 warnings)',
    ],
    ['no problems, where nothing waited for it', [check('starts', 'pass')], false, 'no problems'],
    ['no problems, without a check', [], false, 'no problems'],
  ])('is %s', (_, checks, failed, reason) => {
    expect(verdictOf(checks)).toEqual({ failed, reason })
  })
})
