import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { eventually } from './docker.ts'
import { type Stack, serviceHealth, startStack, withoutGrafana } from './stack.ts'
import { request } from './web.ts'

describeWith(['engine', 'bases', 'mailhog'], `The development stack (${withoutGrafana})`, (facts) => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack(facts, 'dev')
  }, 600_000)
  afterAll(() => stack?.remove(), 600_000)

  const page = async () => (await request(`http://${await stack.address('aicleaner', 8000)}/`)).text

  test('starts with every service healthy', async () => {
    expect(await serviceHealth(stack)).toEqual([
      'adminer healthy',
      'aicleaner healthy',
      'mailhog healthy',
      'prometheus healthy',
      'redis healthy',
    ])
  })

  test('MailHog receives mail sent to the SMTP server of Grafana', async () => {
    const config = JSON.parse(await stack.compose('--profile', '*', 'config', '--format', 'json')) as {
      services: Record<string, { environment: Record<string, string> }>
    }
    const server = config.services.grafana?.environment.GF_SMTP_HOST ?? ''
    const subject = `Redis is down (${process.pid})`
    await stack.compose('exec', '-T', 'aicleaner', '/opt/aicleaner/bin/python', '-c', sendMail, server, subject)
    const address = await stack.address('mailhog', 8025)
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
    const mails = (await request(`http://${address}/api/v2/messages`)).json() as {
      total: number
      items: { Content: { Headers: Record<string, string[]>; Body: string }; Raw: { From: string; To: string[] } }[]
    }
    expect(mails).toMatchObject({
      total: 1,
      items: [
        {
          Content: { Headers: { Subject: [subject] }, Body: expect.stringContaining('aicleaner_store_up is 0') },
          Raw: { From: 'grafana@aicleaner.example', To: ['home@aicleaner.example'] },
        },
      ],
    })
    expect((await request(`http://${address}/`)).text).toContain('MailHog')
  })

  test('reloads a saved change in the running container and survives a syntax error', async () => {
    const file = join(stack.folder, 'aicleaner/web/routes.py')
    const original = readFileSync(file, 'utf8')
    expect(await page()).toContain('<h1>AICleaner</h1>')
    writeFileSync(file, original.replace('<h1>AICleaner</h1>', '<h1>Changed</h1>'))
    await eventually(async () => expect(await page()).toContain('<h1>Changed</h1>'))
    writeFileSync(file, `${original}\nthis is no Python\n`)
    await eventually(async () =>
      expect(await stack.compose('logs', '--no-color', 'aicleaner')).toContain('SyntaxError'),
    )
    writeFileSync(file, original.replace('<h1>AICleaner</h1>', '<h1>Repaired</h1>'))
    await eventually(async () => expect(await page()).toContain('<h1>Repaired</h1>'))
    expect(await stack.compose('ps', '--format', '{{.Service}} {{.State}}', 'aicleaner')).toBe('aicleaner running')
  }, 600_000)

  test('a debugger can attach on port 5678', async () => {
    const [, port] = (await stack.address('aicleaner', 5678)).split(':')
    const greeting = await eventually(
      () =>
        new Promise<string>((resolve, reject) => {
          const socket = connect(Number(port), '127.0.0.1')
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
  }, 600_000)

  test('publishes Adminer on loopback only', async () => {
    const address = await stack.address('adminer', 8080)
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
    const response = await request(`http://${address}/`)
    expect([response.status, response.text]).toEqual([200, expect.stringContaining('<title>Login - Adminer</title>')])
  })

  test('writes debug logs', async () => {
    expect(await stack.compose('logs', '--no-color', 'redis')).toMatch(/debug|accepted|clients connected/i)
    expect(await stack.compose('exec', '-T', 'aicleaner', 'printenv', 'AICLEANER_LOG_LEVEL')).toBe('debug')
  })
})

/** Sends a mail. Arguments: server and subject. */
const sendMail = `
import smtplib, sys
from email.message import EmailMessage
mail = EmailMessage()
mail["From"] = "grafana@aicleaner.example"
mail["To"] = "home@aicleaner.example"
mail["Subject"] = sys.argv[2]
mail.set_content("aicleaner_store_up is 0")
host, port = sys.argv[1].split(":")
with smtplib.SMTP(host, int(port)) as server:
    server.send_message(mail)
`
