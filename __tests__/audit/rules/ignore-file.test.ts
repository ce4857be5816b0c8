import { expect, test } from '@jest/globals'
import { audit, clean, contextOf, rulesOf } from '../subjects.ts'

const copying = (line: string): string => clean.replace('\n', `\n${line}\n`)
const git = { pattern: '**/.git', reason: 'history', files: 3, bytes: 5000 }
const logs = { pattern: '**/*.log', reason: 'a log', files: 1, bytes: 200 }
const { ignoreFile: _, ...noFile } = contextOf().measure
const without = (exclude: readonly (typeof git)[] = []) => ({ measure: { ...noFile, exclude }, scripts: [] })

test('reports a copy of the whole folder without an ignore file, with the bytes that one saves', () => {
  expect(audit(copying('COPY . /app'), { context: without([git, logs]) })).toMatchObject([
    {
      rule: 'context/no-ignore-file',
      bytes: 5200,
      where: { line: 2 },
      fix: expect.stringContaining('**/.git and **/*.log'),
    },
  ])
  expect(audit(copying('COPY . /app'), { context: without() })).toMatchObject([
    { rule: 'context/no-ignore-file', severity: 'notice' },
  ])
})

test('reports files that an ignore file does not exclude', () => {
  const context = contextOf({ ignoreFile: 'Dockerfile.dockerignore', exclude: [git] })
  expect(audit(copying('ADD ./ /app'), { context })).toMatchObject([
    {
      rule: 'context/weak-ignore-file',
      bytes: 5000,
      message: expect.stringContaining('Dockerfile.dockerignore does not exclude'),
    },
  ])
})

test.each([
  ['a folder', 'COPY rootfs /'],
  ['files of another stage', 'COPY --from=builder . /app'],
  ['a file', 'COPY run.sh /'],
])('accepts a missing ignore file if only %s is copied', (_name, line) => {
  const dockerfile = `FROM base:1.0 AS builder\n${copying(line)}`
  expect(rulesOf(audit(dockerfile, { context: without([git]) }))).toEqual([])
})

test('accepts an ignore file that excludes everything unneeded', () => {
  expect(audit(copying('COPY . /app'), { context: contextOf() })).toEqual([])
})
