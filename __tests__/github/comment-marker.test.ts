import fc from 'fast-check'
import { isNewer, readMarker, sameButRun, writeMarker } from '../../src/github/comment-marker.ts'
import { anyText } from '../fixtures/any-text.ts'

const marker = { key: 'Build docker', run: '1001', attempt: 2, head: 'abc', notable: true }

test('a marker with any key can be read again', () => {
  fc.assert(
    fc.property(anyText(), fc.boolean(), (key, notable) => {
      expect(readMarker(`text\n\n${writeMarker({ ...marker, key, notable })}\n`)).toEqual({
        ...marker,
        key: key.toWellFormed(),
        notable,
      })
    }),
  )
})

test.each([
  ['line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['spaces at the end', (text: string) => `${text}  \n\n`],
])('%s do not hide a marker', (_, change) => {
  expect(readMarker(change(`text\n\n${writeMarker(marker)}\n`))).toEqual(marker)
})

test.each([
  ['in the middle', `${writeMarker(marker)}\nmore`],
  ['in a quotation', `> ${writeMarker(marker)}`],
  ['after text on its line', `text ${writeMarker(marker)}`],
  ['with a broken code', '<!-- aicleaner-build key=%E0%A4%A run=1 attempt=1 head=x news=no -->'],
  ['not at all', 'text'],
])('a marker %s is ignored', (_, body) => expect(readMarker(body)).toBeUndefined())

test('bodies that differ only in the run are the same', () => {
  const body = (run: string, text = 'x'): string =>
    `${text} [run](https://github.com/a/b/actions/runs/${run})\n\n${writeMarker({ ...marker, run })}\n`
  expect(sameButRun(body('1'), body('2'))).toBe(true)
  expect(sameButRun(body('1'), body('1', 'y'))).toBe(false)
  expect(sameButRun(body('1'), body('1').replace('head=abc', 'head=abd'))).toBe(false)
})

test.each([
  ['1000', 1, '999', 1, true],
  ['999', 9, '1000', 1, false],
  ['1000', 2, '1000', 1, true],
  ['1000', 1, '1000', 1, false],
  ['12345678901234567890', 1, '12345678901234567889', 1, true],
  ['x', 1, '1', 1, false],
])('run %s attempt %d against run %s attempt %d: newer is %s', (run, attempt, otherRun, otherAttempt, newer) => {
  expect(isNewer({ run, attempt }, { run: otherRun, attempt: otherAttempt })).toBe(newer)
})

describe('a marker', () => {
  test('is one line that ends no comment', () => {
    expect(writeMarker({ ...marker, key: 'a b-->', head: '<x>' })).toBe(
      '<!-- aicleaner-build key=a%20b--%3E run=1001 attempt=2 head=%3Cx%3E news=yes -->',
    )
    expect(writeMarker({ ...marker, key: '\ud800', notable: false })).toContain('key=%EF%BF%BD run=1001')
    expect(writeMarker({ ...marker, notable: false })).toContain(' news=no -->')
  })

  test.each([
    ['with an attempt of several digits', '<!-- aicleaner-build key=k run=1 attempt=12 head=x news=no -->', 12],
    ['with an attempt that is none', '<!-- aicleaner-build key=k run=1 attempt=x head=x news=no -->', undefined],
    ['with other news', '<!-- aicleaner-build key=k run=1 attempt=1 head=x news=maybe -->', undefined],
    ['without a line end before it', '<!-- aicleaner-build key=k run=1 attempt=1 head=x news=no -->', 1],
    ['with a space in its key', '<!-- aicleaner-build key=k k run=1 attempt=1 head=x news=no -->', undefined],
  ])('%s is read so', (_, body, attempt) => expect(readMarker(body)?.attempt).toBe(attempt))

  test('may have no key', () => {
    expect(readMarker('<!-- aicleaner-build key= run= attempt=1 head= news=no -->')).toEqual({
      key: '',
      run: '',
      attempt: 1,
      head: '',
      notable: false,
    })
  })
})

describe('the same but for the run', () => {
  const of = (text: string, parts: Partial<typeof marker> = {}) =>
    `${text}\n\n${writeMarker({ ...marker, ...parts })}\n`

  test.each([
    ['another run', of('x'), of('x', { run: '77' }), true],
    ['another attempt', of('x'), of('x', { attempt: 12 }), true],
    ['line ends of Windows', of('x'), of('x').replaceAll('\n', '\r\n'), true],
    ['space at the end', of('x'), `${of('x')} \n`, true],
    ['another attempt in an address', of('a/actions/runs/1/attempts/2'), of('a/actions/runs/3/attempts/44'), true],
    ['an attempt in one address', of('a/actions/runs/1'), of('a/actions/runs/33/attempts/4'), true],
    ['each of two addresses', of('/actions/runs/1 /actions/runs/1'), of('/actions/runs/12 /actions/runs/3'), true],
    ['another job in an address', of('/actions/runs/1/job/2'), of('/actions/runs/1/job/3'), false],
    ['another text', of('x'), of('y'), false],
    ['another key', of('x'), of('x', { key: 'k' }), false],
    ['other news', of('x'), of('x', { notable: false }), false],
    ['a run in its text', of('run=1 attempt=1'), of('run=2 attempt=1'), false],
    ['an attempt in its text', of('run=1 attempt=1'), of('run=1 attempt=2'), false],
  ])('is one with %s: %#', (_, a, b, same) => expect(sameButRun(a, b)).toBe(same))
})

test.each([
  ['1', 'x', false],
  ['2', '1', true],
  ['12345678901234567890', '1', true],
  ['123456789012345678901', '1', false],
  ['2', '123456789012345678901', false],
  ['2x', '1', false],
  ['x2', '1', false],
  ['2', '1x', false],
  ['2', 'x1', false],
  ['', '', false],
])('run %s is newer than %s: %s', (run, other, newer) => {
  expect(isNewer({ run, attempt: 1 }, { run: other, attempt: 1 })).toBe(newer)
})
