import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from '@jest/globals'
import { startWatched, watchdogScript } from '../machine/watchdog.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-watchdog-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A program that leaves a file while it runs and removes it when it is asked to end. */
const program = (mark: string) => `trap 'rm -f ${mark}; exit 0' TERM; touch ${mark}; while :; do sleep 0.1; done`

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(50)
}

describe('a program on a watchdog', () => {
  test('runs until it is released, and is then shut down properly', async () => {
    const mark = join(folder, 'released')
    const watchdog = startWatched('sh', [watchdogScript, '', 'sh', '-c', program(mark)])
    await until(() => existsSync(mark))
    expect(watchdog.exitCode()).toBeUndefined()
    await watchdog.release()
    expect(existsSync(mark)).toBe(false)
    expect(watchdog.exitCode()).toBe(0)
  })

  test('is shut down properly even if the caller is killed', async () => {
    const mark = join(folder, 'killed')
    const holder: ChildProcess = spawn(
      process.execPath,
      [
        '-e',
        `require('node:child_process').spawn('sh', ${JSON.stringify([watchdogScript, '', 'sh', '-c', program(mark)])}, { stdio: ['pipe', 'ignore', 'ignore'] })`,
      ],
      { stdio: 'ignore' },
    )
    await until(() => existsSync(mark))
    const ended = once(holder, 'exit')
    holder.kill('SIGKILL')
    await ended
    await until(() => !existsSync(mark))
  })

  test('removes its folder and keeps its last output', async () => {
    const own = join(folder, 'own')
    const watchdog = startWatched('sh', [
      watchdogScript,
      own,
      'sh',
      '-c',
      `mkdir ${own}; echo one; echo two >&2; echo three`,
    ])
    await until(() => watchdog.exitCode() !== undefined)
    expect(existsSync(own)).toBe(false)
    expect(watchdog.lastOutput()).toBe('two | three')
    await watchdog.release()
  })

  test('is ready when it prints a line, and is not waited for if it exits without it', async () => {
    const serves = startWatched('sh', [
      watchdogScript,
      '',
      'sh',
      '-c',
      'echo starting; echo listening on port 17; sleep 60',
    ])
    expect((await serves.announced(/port (\d+)/))?.[1]).toBe('17')
    expect(serves.exitCode()).toBeUndefined()
    await serves.release()
    const fails = startWatched('sh', [watchdogScript, '', 'sh', '-c', 'echo the port is taken; exit 1'])
    expect(await fails.announced(/listening/)).toBeUndefined()
    expect(fails.exitCode()).toBe(1)
    await fails.release()
  }, 30_000)

  test('that exits has an exit code', async () => {
    const watchdog = startWatched('sh', [watchdogScript, '', 'sh', '-c', 'exit 3'])
    await until(() => watchdog.exitCode() !== undefined)
    expect(watchdog.exitCode()).toBe(3)
    await watchdog.release()
  })
})
