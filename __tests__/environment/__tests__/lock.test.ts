import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { run } from '../machine/command.ts'
import { sharedFolder, takeLock } from '../machine/lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'test-lock-'))
const name = `test-${process.pid}`
const module = JSON.stringify(resolve(import.meta.dirname, '..', 'machine', 'lock.ts'))
const takes = `const { takeLock } = await import(${module}); const lock = await takeLock('${name}')`
afterAll(() => {
  rmSync(folder, { recursive: true })
  rmSync(join(sharedFolder(), `${name}.lock`), { force: true })
})

describe('a lock on this machine', () => {
  test('is had by one at a time, and by the next when it is released', async () => {
    const first = await takeLock(name)
    expect(await takeLock(name, { now: true })).toBeUndefined()
    const order: string[] = []
    const second = takeLock(name).then((lock) => {
      order.push('second')
      return lock
    })
    order.push('released')
    await first.release()
    await (await second).release()
    expect(order).toEqual(['released', 'second'])
  })

  test('that is shared is had by several, and by none of them alone', async () => {
    const both = [await takeLock(name, { shared: true }), await takeLock(name, { shared: true })]
    expect(await takeLock(name, { now: true })).toBeUndefined()
    for (const lock of both) await lock.release()
    const alone = await takeLock(name, { now: true })
    expect(alone).toBeDefined()
    expect(await takeLock(name, { shared: true, now: true })).toBeUndefined()
    await alone?.release()
  })

  test('is given back by a program that has nothing else to do', async () => {
    const program = `${takes}; await lock.release(); console.log('gave it back')`
    const { code, stdout } = await run(process.execPath, ['--input-type=module', '-e', program])
    expect([code, stdout]).toEqual([0, 'gave it back\n'])
  })

  test('is free again when the one that has it is killed', async () => {
    const program = `${takes}; console.log('has it'); setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    expect(await takeLock(name, { now: true })).toBeUndefined()
    holder.kill('SIGKILL')
    await (await takeLock(name)).release()
  })
})

describe('the folder that runs share', () => {
  test('belongs to this user alone', () => {
    const made = sharedFolder(join(folder, 'one'))
    expect(made).toBe(join(folder, 'one', `aicleaner-build-tests-${userInfo().uid}`))
    expect(statSync(made).mode & 0o777).toBe(0o700)
    expect(sharedFolder(join(folder, 'one'))).toBe(made)
  })
  test('is refused where others may write into it', () => {
    const made = sharedFolder(join(folder, 'two'))
    chmodSync(made, 0o777)
    expect(() => sharedFolder(join(folder, 'two'))).toThrow(/only this user can write to/)
  })
  test('is refused where it is a link', () => {
    symlinkSync(folder, join(folder, `aicleaner-build-tests-${userInfo().uid}`))
    expect(() => sharedFolder(folder)).toThrow(/only this user can write to/)
  })
})
