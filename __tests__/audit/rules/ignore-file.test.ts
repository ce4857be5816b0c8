import { expect, test } from '@jest/globals'
import { addon, audit, clean, contextOf, rulesOf } from '../subjects.ts'

const copying = (line: string): string => clean.replace('\n', `\n${line}\n`)
const git = { pattern: '**/.git', reason: 'history', files: 3, bytes: 5000 }
const logs = { pattern: '**/*.log', reason: 'a log', files: 1, bytes: 200 }
const { ignoreFile: _, ...noFile } = contextOf().measure
const without = (exclude: readonly (typeof git)[] = []) => ({ measure: { ...noFile, exclude }, scripts: [] })

test('asks for an ignore file where the whole folder is copied, and says what it would save', () => {
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

test('says what an ignore file lets through', () => {
  const context = contextOf({ ignoreFile: 'Dockerfile.dockerignore', exclude: [git] })
  expect(audit(copying('ADD ./ /app'), { context })).toMatchObject([
    {
      rule: 'context/weak-ignore-file',
      bytes: 5000,
      message: expect.stringContaining('Dockerfile.dockerignore lets through'),
    },
  ])
})

test.each([
  ['a folder', 'COPY rootfs /'],
  ['files of another stage', 'COPY --from=builder . /app'],
  ['a file', 'COPY run.sh /'],
])('does not ask for an ignore file where only %s is copied', (_name, line) => {
  const dockerfile = `FROM base:1.0 AS builder\n${copying(line)}`
  expect(rulesOf(audit(dockerfile, { context: without([git]) }))).toEqual([])
})

test('is content with an ignore file that leaves nothing to say', () => {
  expect(audit(copying('COPY . /app'), { context: contextOf() })).toEqual([])
})

const script = { path: 'rootfs/etc/services.d/a/run', crlf: false, executable: true }

test.each([
  ['image/crlf-script', { ...script, crlf: true }],
  ['image/not-executable', { ...script, executable: false }],
] as const)('%s looks at the scripts of the context before a build', (rule, wrong) => {
  expect(audit(clean.replace(' --chmod=0755', ''), { context: contextOf({}, [wrong]) })).toMatchObject([
    { rule, where: { file: 'addon/rootfs/etc/services.d/a/run', line: 1 } },
  ])
  expect(audit(clean, { context: contextOf({}, [script]) })).toEqual([])
})

test('leaves the right to execute to the image where the Dockerfile sets it', () => {
  const context = contextOf({}, [{ ...script, executable: false }])
  expect(audit(clean, { context })).toEqual([])
})

test('names files of an add-on in the root of the repository as they are', () => {
  const target = addon({ context: '.' })
  const context = contextOf({}, [{ ...script, crlf: true }])
  expect(audit(clean, { context, target })).toMatchObject([{ where: { file: 'rootfs/etc/services.d/a/run' } }])
})
