import type { Report } from '../../src/report/model/report.ts'
import { terminalTable } from '../../src/report/terminal.ts'
import { addon, failing, report, target } from './reports.ts'
import { situations } from './situations.ts'

const text = (name: string): string => terminalTable((situations[name] as () => Report)())

test('is a table that lines up, with the verdict below', () => {
  expect(text('shrink')).toBe(
    [
      'Architecture   Before    After           Reduction  On disk  Update  Smoke test        Budget',
      '────────────  ───────  ───────  ──────────────────  ───────  ──────  ────────────────  ───────────────',
      'amd64         92.8 MB  36.4 MB  −56.4 MB (−60.8 %)  95.8 MB  2.3 MB  healthy in 2.1 s  61 % of 60.0 MB',
      'aarch64       91.9 MB  36.3 MB  −55.6 MB (−60.5 %)  95.4 MB  2.3 MB  healthy in 2.1 s  60 % of 60.0 MB',
      'armv7         91.0 MB  36.1 MB  −54.9 MB (−60.3 %)  95.0 MB  2.3 MB  healthy in 2.1 s  60 % of 60.0 MB',
      '',
      'AICleaner v3 1.2.3: 3 architectures passed, up to 56.4 MB smaller (−60.8 %)',
      'Published.',
    ].join('\n'),
  )
})

test('shows why it failed', () => {
  expect(text('one-architecture-failed').split('\n').slice(-4)).toEqual([
    'AICleaner v3 1.2.3: build failed for armv7; smoke test failed for aarch64',
    '  failed: armv7: process "/bin/sh -c pip install -r requirements.txt" did not complete successfully: exit code 1',
    '  failed: aarch64: not healthy within 60 s: the probe exits with 1',
    'Nothing was published. Not every architecture passed every gate, so no tag was moved.',
  ])
})

test('shows the line of the file that a reason names', () => {
  const verdict = failing({
    gate: 'version',
    addon: 'a',
    message: '1.2.3 is already published.',
    where: { file: 'a/config\n.yaml', line: 2, column: 10 },
  })
  expect(terminalTable(report([], { verdict })).split('\n')).toContain(
    '  failed: 1.2.3 is already published. (a/config .yaml:2)',
  )
})

test('has no table when nothing was built', () => {
  expect(text('input-refused').split('\n')[0]).toBe('aicleaner-build: invalid input')
})

test('names the add-on of each image when there are several', () => {
  expect(text('sixty-add-ons').split('\n')[0]).toMatch(/^Add-on +Architecture/)
})

test('contains no control characters for the terminal', () => {
  const evil = 'a\u001b[2J\u001b]0;title\u0007\u202eb\nc'
  const made = terminalTable(
    report([addon([target('amd64', { addon: evil })], { slug: evil, name: evil }), addon([target('amd64')])], {
      verdict: failing({ gate: 'smoke', addon: evil, message: evil }),
    }),
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
  expect(made).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  expect(made).toContain('a‹U+202E›b c')
})
