import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addChangelogEntry } from '../../src/addon/changelog.ts'

const add = (text: string, version = '1.2.4') =>
  addChangelogEntry(text, version, ['Update base image alpine:3.22'], '2026-03-01')
const change = 'Update base image alpine:3.22'

test.each<[string, string, string]>([
  ['an empty file', '', `## 1.2.4\n\n- ${change}\n`],
  ['a title', '# Changelog\n', `# Changelog\n\n## 1.2.4\n\n- ${change}\n`],
  ['a title without a line end', '# Changelog', `# Changelog\n\n## 1.2.4\n\n- ${change}\n`],
  ['a title and a text', '# Changelog\n\nText.\n', `# Changelog\n\n## 1.2.4\n\n- ${change}\n\nText.\n`],
  ['no title', 'Text.\n', `## 1.2.4\n\n- ${change}\n\nText.\n`],
  [
    'headings as in Home Assistant',
    '# Changelog\n\n## 1.2.3\n\n- One\n',
    `# Changelog\n\n## 1.2.4\n\n- ${change}\n\n## 1.2.3\n\n- One\n`,
  ],
  [
    'no empty lines and stars',
    '## 1.2.3\n* One\n## 1.2.2\n* Two\n',
    `## 1.2.4\n* ${change}\n\n## 1.2.3\n* One\n## 1.2.2\n* Two\n`,
  ],
  ['a higher level and a v', '# v1.2.3\n\n- One\n', `# v1.2.4\n\n- ${change}\n\n# v1.2.3\n\n- One\n`],
  [
    'brackets, dates and unreleased changes',
    '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n\n- One\n',
    `# Changelog\n\n## [Unreleased]\n\n## [1.2.4] - 2026-03-01\n\n- ${change}\n\n## [1.2.3] - 2026-01-31\n\n- One\n`,
  ],
  [
    'a date in parentheses',
    '## 1.2.3 (2026-01-31)\n- One\n',
    `## 1.2.4 (2026-03-01)\n- ${change}\n\n## 1.2.3 (2026-01-31)\n- One\n`,
  ],
  [
    'a link and a name, which are not repeated',
    '### [1.2.3](https://x.example/1.2.3) Winter\n\n- One\n',
    `### [1.2.4]\n\n- ${change}\n\n### [1.2.3](https://x.example/1.2.3) Winter\n\n- One\n`,
  ],
  [
    'a version in a block of code',
    '# Changelog\n\n```\n# 9.9.9\n```\n\n## 1.2.3\n\n- One\n',
    `# Changelog\n\n\`\`\`\n# 9.9.9\n\`\`\`\n\n## 1.2.4\n\n- ${change}\n\n## 1.2.3\n\n- One\n`,
  ],
  [
    'line ends of Windows',
    '# Changelog\r\n\r\n## 1.2.3\r\n\r\n- One\r\n',
    `# Changelog\r\n\r\n## 1.2.4\r\n\r\n- ${change}\r\n\r\n## 1.2.3\r\n\r\n- One\r\n`,
  ],
])('an entry is added to a changelog with %s', (_, text, expected) => {
  expect(add(text)).toBe(expected)
})

test('a v of the version is written as in the headings of the file', () => {
  expect(add('## 1.2.3\n\n- One\n', 'v1.2.4')).toMatch(/^## 1\.2\.4\n/)
  expect(add('# Changelog\n', 'v1.2.4')).toContain('\n## v1.2.4\n')
})

test.each(['## 1.2.4\n\n- One\n', '## 1.2.3\n\n# [v1.2.4] - 2026-01-31\n'])(
  'nothing is added to %j, which has an entry of the version',
  (text) => {
    expect(add(text)).toBeUndefined()
  },
)

test('every line of any changelog stays, in its order, and a second call adds nothing', () => {
  const line = fc.oneof(
    fc.constantFrom('', '# Changelog', '## 1.2.3', '# v1.0', '## [1.1.0] - 2026-01-31', '```', '- One', '* Two'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'), (lines, eol) => {
      const text = lines.join(eol)
      const after = add(text, '77.1.4') ?? ''
      const kept = (whole: string) => whole.split(/\r?\n/).filter((one) => one.trim() !== '')
      const added = kept(after).length - kept(text).length
      expect(added).toBe(2)
      const at = kept(after).findIndex((one) => one.includes('77.1.4'))
      expect(kept(after).toSpliced(at, 2)).toEqual(kept(text))
      if (!text.includes('```')) expect(add(after, '77.1.4')).toBeUndefined()
    }),
  )
})
