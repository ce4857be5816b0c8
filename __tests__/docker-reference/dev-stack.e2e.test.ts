import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../testbed/describe-with.ts'
import { eventually } from './docker.ts'
import { type Stack, startStack } from './stack.ts'
import { ask } from './web.ts'

describeWith(['engine', 'bases'], 'The development stack', (facts) => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack(facts, 'dev')
  }, 590_000)
  afterAll(() => stack?.remove(), 60_000)

  const page = async () => (await ask(`http://127.0.0.1:${stack.ports.service}/`)).text

  test('a saved change runs without a new image or container, and a mistake in it does not end the stack', async () => {
    const file = join(stack.folder, 'aicleaner/web/routes.py')
    const original = readFileSync(file, 'utf8')
    expect(await page()).toContain('<h1>AICleaner</h1>')
    writeFileSync(file, original.replace('<h1>AICleaner</h1>', '<h1>Changed</h1>'))
    await eventually(30, async () => expect(await page()).toContain('<h1>Changed</h1>'))
    writeFileSync(file, `${original}\nthis is no Python\n`)
    await eventually(30, async () =>
      expect(await stack.compose('logs', '--no-color', 'aicleaner')).toContain('SyntaxError'),
    )
    writeFileSync(file, original.replace('<h1>AICleaner</h1>', '<h1>Repaired</h1>'))
    await eventually(30, async () => expect(await page()).toContain('<h1>Repaired</h1>'))
    expect(await stack.compose('ps', '--format', '{{.Service}} {{.State}}', 'aicleaner')).toBe('aicleaner running')
  }, 120_000)

  test('a debugger can attach on port 5678', async () => {
    const greeting = await eventually(
      20,
      () =>
        new Promise<string>((resolve, reject) => {
          const socket = connect(stack.ports.debugger, '127.0.0.1')
          socket.setTimeout(5000, () => socket.destroy(new Error('no greeting')))
          socket.once('data', (data) => {
            resolve(data.toString())
            socket.destroy()
          })
          socket.once('error', reject)
          socket.once('close', () => reject(new Error('closed')))
        }),
    )
    expect(greeting).toMatch(/^Content-Length: \d+\r\n\r\n\{.*"type": ?"event"/s)
  }, 60_000)

  test('shows databases by Adminer, to this machine only', async () => {
    const address = await stack.compose('port', 'adminer', '8080')
    expect(address).toBe(`127.0.0.1:${stack.ports.adminer}`)
    const answer = await ask(`http://${address}/`)
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('<title>Login - Adminer</title>')])
  })

  test('logs what only developers want to read', async () => {
    expect(await stack.compose('logs', '--no-color', 'redis')).toMatch(/debug|accepted|clients connected/i)
    expect(await stack.compose('exec', '-T', 'aicleaner', 'printenv', 'AICLEANER_LOG_LEVEL')).toBe('debug')
  })
})
