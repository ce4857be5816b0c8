import fc from 'fast-check'
import { isNewer, readMarker, sameButRun, writeMarker } from '../../src/report/marker.ts'
import { anyText } from '../any-text.ts'

const marker = { key: 'Build docker', run: '1001', attempt: 2, head: 'abc', news: true }

test('what is written is read again, whatever the key', () => {
  fc.assert(
    fc.property(anyText(), fc.boolean(), (key, news) => {
      expect(readMarker(`text\n\n${writeMarker({ ...marker, key, news })}\n`)).toEqual({
        ...marker,
        key: key.toWellFormed(),
        news,
      })
    }),
  )
})

test.each([
  ['line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['spaces at the end', (text: string) => `${text}  \n\n`],
])('%s do not hide it', (_, change) => {
  expect(readMarker(change(`text\n\n${writeMarker(marker)}\n`))).toEqual(marker)
})

test.each([
  ['in the middle', `${writeMarker(marker)}\nmore`],
  ['in a quotation', `> ${writeMarker(marker)}`],
  ['after text on its line', `text ${writeMarker(marker)}`],
  ['with a broken code', '<!-- aicleaner-build key=%E0%A4%A run=1 attempt=1 head=x news=no -->'],
  ['not at all', 'text'],
])('one %s is none', (_, body) => expect(readMarker(body)).toBeUndefined())

test('bodies that differ in the run alone are the same', () => {
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
