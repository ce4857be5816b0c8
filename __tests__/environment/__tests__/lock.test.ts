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
  test('has one holder at a time, and the next one after its release', async () => {
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

  test('can be shared by several holders, but is not exclusive then', async () => {
    const both = [await takeLock(name, { shared: true }), await takeLock(name, { shared: true })]
    expect(await takeLock(name, { now: true })).toBeUndefined()
    for (const lock of both) await lock.release()
    const alone = await takeLock(name, { now: true })
    expect(alone).toBeDefined()
    expect(await takeLock(name, { shared: true, now: true })).toBeUndefined()
    await alone?.release()
  })

  test('can be released by a program that has nothing else to do', async () => {
    const program = `${takes}; await lock.release(); console.log('gave it back')`
    const { code, stdout } = await run(process.execPath, ['--input-type=module', '-e', program])
    expect([code, stdout]).toEqual([0, 'gave it back\n'])
  })

  test('is released when its holder is killed', async () => {
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

describe('the shared folder', () => {
  test('is accessible only to this user', () => {
    const made = sharedFolder(join(folder, 'one'))
    expect(made).toBe(join(folder, 'one', `aicleaner-build-tests-${userInfo().uid}`))
    expect(statSync(made).mode & 0o777).toBe(0o700)
    expect(sharedFolder(join(folder, 'one'))).toBe(made)
  })
  test('is refused if others can write to it', () => {
    const made = sharedFolder(join(folder, 'two'))
    chmodSync(made, 0o777)
    expect(() => sharedFolder(join(folder, 'two'))).toThrow(/only this user can write to/)
  })
  test('is refused if it is a symbolic link', () => {
    symlinkSync(folder, join(folder, `aicleaner-build-tests-${userInfo().uid}`))
    expect(() => sharedFolder(folder)).toThrow(/only this user can write to/)
  })
})
