import { expect, test } from '@jest/globals'
import type { SharedFinding } from '../../src/report/markdown/audit.ts'
import { sarifOf } from '../../src/report/sarif.ts'
import { sarifProblems } from '../audit/sarif-schema.ts'

const finding = (changes: Partial<SharedFinding> = {}): SharedFinding => ({
  rule: 'image/root-user',
  severity: 'warning',
  message: 'The image runs as root.',
  fix: 'Add USER.',
  link: 'https://docs.example/user',
  where: { file: 'my add-on/Dockerfile', line: 3, column: 1 },
  images: ['a/amd64', 'a/aarch64'],
  ...changes,
})

const findings: readonly SharedFinding[] = [
  finding({ rule: 'secret/file', severity: 'error', message: 'x' }),
  finding({ bytes: 12_345_678 }),
  finding({ where: { file: 'my add-on/Dockerfile', line: 9, column: 1 } }),
  { rule: 'buildkit/JSONArgsRecommended', severity: 'notice', message: 'y', fix: 'z', images: ['a/amd64'] },
]

test('is valid by the published schema of SARIF 2.1.0, with findings of every kind and with none', () => {
  expect(sarifProblems(sarifOf(findings))).toEqual([])
  expect(sarifProblems(sarifOf([]))).toEqual([])
})

test('is checked by a schema that would find a mistake', () => {
  expect(sarifProblems(sarifOf(findings).replace('"warning"', '"warn"'))).not.toEqual([])
  expect(sarifProblems(sarifOf(findings).replaceAll('"startLine": 3', '"startLine": 0'))).not.toEqual([])
})

test('gives each rule once, and each result its rule, level and place', () => {
  const [run] = JSON.parse(sarifOf(findings)).runs
  expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual([
    'buildkit/JSONArgsRecommended',
    'image/root-user',
    'secret/file',
  ])
  expect(run.results).toMatchObject([
    { ruleId: 'secret/file', ruleIndex: 2, level: 'error' },
    {
      ruleId: 'image/root-user',
      ruleIndex: 1,
      level: 'warning',
      message: { text: 'The image runs as root. Add USER. Saves 12.3 MB.' },
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'my%20add-on/Dockerfile' }, region: { startLine: 3 } } },
      ],
      properties: { images: ['a/amd64', 'a/aarch64'], bytes: 12_345_678 },
    },
    { ruleId: 'image/root-user' },
    {
      ruleId: 'buildkit/JSONArgsRecommended',
      level: 'note',
      locations: [
        { physicalLocation: { artifactLocation: { uri: 'my%20add-on/Dockerfile' }, region: { startLine: 1 } } },
      ],
    },
  ])
})

test('recognises a finding that has moved to another line as the same', () => {
  const [run] = JSON.parse(sarifOf(findings)).runs
  const prints = run.results.map((one: { partialFingerprints: object }) => one.partialFingerprints)
  expect(prints[1]).toEqual(prints[2])
  expect(new Set(prints.map((one: object) => JSON.stringify(one))).size).toBe(3)
})
