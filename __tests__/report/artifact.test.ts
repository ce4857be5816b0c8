import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readArtifact } from '../../src/report/artifact.ts'
import { tryToWrite } from '../../src/report/write.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifact-'))
  await writeFile(join(folder, 'file'), 'größe')
  await symlink('file', join(folder, 'link'))
  await symlink('loop', join(folder, 'loop'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test.each([
  ['file', 7, { text: 'größe' }],
  ['file', 6, { refused: 'it has 7 bytes; the limit is 6 bytes' }],
  ['link', 100, { refused: 'it is not a regular file' }],
  ['loop', 100, { refused: 'it is not a regular file' }],
  ['pipe', 100, { refused: 'it is not a regular file' }],
  ['.', 100, { refused: 'it is not a regular file' }],
  ['missing', 100, undefined],
  ['file/below', 100, undefined],
  ['x'.repeat(300), 100, { refused: 'it cannot be read (ENAMETOOLONG)' }],
  ['a\0b', 100, { refused: 'it cannot be read (ERR_INVALID_ARG_VALUE)' }],
])('of %s with at most %d bytes is read %j', async (name, limit, read) => {
  expect(await readArtifact(join(folder, name), limit)).toEqual(read)
})

test('a report is written to the path of the input', async () => {
  expect(await tryToWrite(folder, 'report.json', '{}')).toBeUndefined()
  expect(await readArtifact(join(folder, 'report.json'), 100)).toEqual({ text: '{}' })
})

test('a report is not written through a link of the checkout, and the remedy explains it', async () => {
  await symlink(join(folder, 'elsewhere'), join(folder, 'report.html'))
  expect(await tryToWrite(folder, 'report.html', 'x')).toEqual({
    severity: 'warning',
    code: 'report/not-written',
    message: expect.stringMatching(/^report\.html was not written: .*[^.]\.$/),
    remedy:
      'Remove it from the checkout, or give "report-path" a folder outside of the checkout, such as one in $RUNNER_TEMP.',
  })
  expect(await readArtifact(join(folder, 'elsewhere'), 100)).toBeUndefined()
})

test('a report that cannot be written is a warning', async () => {
  expect(await tryToWrite(folder, 'file/below', 'x')).toMatchObject({
    code: 'report/not-written',
    message: expect.stringMatching(/^file\/below was not written: .*[^.]\.$/),
    remedy: expect.stringMatching(/report-path/),
  })
  expect(await tryToWrite(folder, `${'x'.repeat(300)}`, 'x')).toMatchObject({
    remedy: 'Give "report-path" a folder that this user may write to.',
  })
})
