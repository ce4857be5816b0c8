import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { processOf } from '../engine/observe.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-pid-'))
afterAll(() => rmSync(folder, { recursive: true }))

const pidFile = (text: string) => {
  const file = join(folder, 'pid')
  writeFileSync(file, text)
  return file
}
const ownName = readFileSync('/proc/self/comm', 'utf8').trim()

describe('a pid file', () => {
  test('that does not exist has no process', () => {
    expect(processOf(join(folder, 'none'), 'dockerd')).toEqual({ state: 'none' })
  })
  test('of a running process is valid if the program matches', () => {
    expect(processOf(pidFile(`${process.pid}\n`), ownName)).toEqual({ state: 'alive', pid: process.pid })
  })
  test('whose process ID belongs to another program is stale', () => {
    expect(processOf(pidFile(`${process.pid}`), 'dockerd')).toEqual({ state: 'gone' })
  })
  test.each(['', 'abc', '0', '-1', '4194999'])('with %p in it is stale', (text) => {
    expect(processOf(pidFile(text), 'dockerd')).toEqual({ state: 'gone' })
  })
})
