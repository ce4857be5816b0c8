import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { dockerOf, eventually } from './docker.ts'
import { healths, notStarted, type Stack, startStack } from './stack.ts'
import { type Ask, ask } from './web.ts'

describeWith(['engine', 'bases'], `The production stack (${notStarted})`, (facts) => {
  const portOf = (address: string) => address.split(':').at(-1)
  let stack: Stack
  let token = ''
  let certificate = ''
  beforeAll(async () => {
    stack = await startStack(facts, 'prod')
    token = readFileSync(join(stack.folder, 'secrets/api_token'), 'utf8')
    certificate = readFileSync(join(stack.folder, 'secrets/tls_certificate'), 'utf8')
  }, 600_000)
  afterAll(() => stack?.remove(), 600_000)

  /** Through the real Nginx, whose certificate must be the one that was made for it. */
  const outside = async (path: string, options: Ask = {}) =>
    ask(`https://localhost:${portOf(await stack.address('nginx', 8443))}${path}`, { ca: certificate, ...options })
  const health = async () => (await outside('/api/health')).json()
  const beginSession = async () => {
    const answer = await outside('/api/session', { body: { token } })
    expect(answer.status).toBe(201)
    return answer.headers['set-cookie']?.[0] ?? ''
  }
  const withCookie = (cookie: string): Ask => ({ headers: { cookie: cookie.split(';')[0] ?? '' } })

  test('comes up by plain `docker compose`, every service healthy', async () => {
    expect(await healths(stack)).toEqual(['aicleaner healthy', 'nginx healthy', 'prometheus healthy', 'redis healthy'])
    expect(await health()).toMatchObject({ status: 'ok', store: 'redis', journal: 'file' })
  })

  test.each(['aicleaner', 'nginx', 'prometheus', 'redis'])(
    '%s really runs without root, rights and a writable root',
    async (service) => {
      const [container] = JSON.parse(await dockerOf(facts)('inspect', stack.container(service)))
      expect(container.HostConfig).toMatchObject({
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges:true'],
      })
      expect(container.HostConfig.RestartPolicy.Name).toBe('always')
      expect(container.HostConfig.Memory).toBeGreaterThan(0)
      expect(container.Config.User).not.toMatch(/^(root|0|)(:|$)/)
      expect(JSON.stringify(container.Config)).not.toContain(
        readFileSync(join(stack.folder, 'secrets/redis_password'), 'utf8'),
      )
    },
  )

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s', async (tls) => {
    const answer = await outside('/api/health', { tls })
    expect([answer.status, answer.protocol]).toEqual([200, tls])
  })

  test('sends the headers that protect a browser, each once', async () => {
    const { headers } = await outside('/')
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers.server).toBe('nginx')
  })

  test('sends plain HTTP to HTTPS', async () => {
    const answer = await ask(`http://127.0.0.1:${portOf(await stack.address('nginx', 8080))}/api/zones?x=1`, {
      headers: { host: 'home.example' },
    })
    expect([answer.status, answer.headers.location]).toEqual([308, 'https://home.example/api/zones?x=1'])
  })

  test('keeps the figures inside', async () => {
    expect((await outside('/metrics')).status).toBe(404)
  })

  test('lets in who has the token, by a cookie that stays on TLS', async () => {
    expect((await outside('/api/zones')).status).toBe(401)
    const cookie = await beginSession()
    expect(cookie).toMatch(/; Secure$/)
    expect((await outside('/api/zones', withCookie(cookie))).status).toBe(200)
  })

  test('Redis is killed and comes back: nobody is logged out, nothing is lost, and what ended stays ended', async () => {
    const [kept, ended] = [await beginSession(), await beginSession()]
    await stack.compose('kill', 'redis')
    await eventually(async () => expect(await health()).toMatchObject({ status: 'degraded', store: 'memory' }))
    expect((await outside('/api/zones', withCookie(kept))).status).toBe(200)
    expect((await outside('/api/zones/kitchen/cleaned', { ...withCookie(kept), body: {} })).status).toBe(201)
    expect((await outside('/api/session', { ...withCookie(ended), method: 'DELETE' })).status).toBe(204)
    const made = await beginSession()

    await stack.compose('up', '--detach', '--no-build', '--no-deps', '--wait', 'redis')
    await eventually(async () => expect(await health()).toMatchObject({ status: 'ok', store: 'redis' }))
    // A new process has no memory of its own: what it knows of sessions, it knows from Redis.
    await stack.compose('restart', '--timeout', '10', 'aicleaner')
    await eventually(async () => {
      expect((await outside('/api/zones', withCookie(kept))).status).toBe(200)
    })
    expect((await outside('/api/zones', withCookie(made))).status).toBe(200)
    expect((await outside('/api/zones', withCookie(ended))).status).toBe(401)
    expect((await outside('/api/zones/kitchen', withCookie(kept))).json()).toMatchObject({ due: false })
  }, 600_000)

  test('guessing tokens is slowed down', async () => {
    const statuses: number[] = []
    for (let attempt = 0; attempt < 12; attempt++)
      statuses.push((await outside('/api/session', { body: { token: `guess ${attempt}` } })).status)
    expect(statuses).toContain(429)
    expect(new Set(statuses)).toEqual(new Set([401, 429].filter((status) => statuses.includes(status))))
  })
})
