import { expect, test } from '@jest/globals'
import { rules } from '../../src/audit/rules.ts'
import type { SharedFinding } from '../../src/report/markdown/audit.ts'
import { renderSarif, sarifOf } from '../../src/report/sarif.ts'
import { sarifProblems } from '../audit/sarif-schema.ts'
import { addon, report, target } from './reports.ts'

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

test('describes a rule of ours by itself, and one of BuildKit by its first finding', () => {
  const [run] = JSON.parse(sarifOf(findings)).runs
  expect(run.tool.driver).toMatchObject({ name: 'aicleaner-build', version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
  const [buildkit, rootUser, secret] = run.tool.driver.rules
  const ours = rules.find(({ id }) => id === 'image/root-user')
  expect(ours).toBeDefined()
  expect(rootUser).toEqual({
    id: 'image/root-user',
    shortDescription: { text: ours?.reason },
    fullDescription: { text: `${ours?.reason} (${ours?.source})` },
    help: { text: 'Add USER.' },
    helpUri: ours?.link ?? 'https://docs.example/user',
    defaultConfiguration: { level: ours?.severity === 'notice' ? 'note' : ours?.severity },
  })
  expect(buildkit).toEqual({
    id: 'buildkit/JSONArgsRecommended',
    shortDescription: { text: 'y' },
    help: { text: 'z' },
    defaultConfiguration: { level: 'note' },
  })
  expect(secret.properties).toEqual({ tags: ['security'], 'security-severity': '7.0' })
})

test('without any location, findings are at the beginning of "Dockerfile"', () => {
  const { where: _, ...nowhere } = finding()
  const [run] = JSON.parse(sarifOf([nowhere])).runs
  expect(run.results[0].locations).toEqual([
    {
      physicalLocation: {
        artifactLocation: { uri: 'Dockerfile', uriBaseId: '%SRCROOT%' },
        region: { startLine: 1, startColumn: 1 },
      },
    },
  ])
  expect(JSON.stringify(run.results[0].properties)).toBe('{"images":["a/amd64","a/aarch64"]}')
})

test('has the findings of all images of a run, each once', () => {
  const { images: _, ...found } = finding()
  const both = report([addon([target('amd64', { audit: [found] }), target('aarch64', { audit: [found] })])])
  const text = renderSarif(both)
  expect(text).toMatch(/\}\n$/)
  expect(JSON.parse(text).runs[0].results).toMatchObject([
    { ruleId: 'image/root-user', properties: { images: { length: 2 } } },
  ])
})
