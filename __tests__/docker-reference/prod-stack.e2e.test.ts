import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { dockerOf, eventually } from './docker.ts'
import { type Stack, serviceHealth, startStack, withoutGrafana } from './stack.ts'
import { type RequestOptions, request } from './web.ts'

describeWith(['engine', 'bases'], `The production stack (${withoutGrafana})`, (facts) => {
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

  /** Sends a request through Nginx and verifies its certificate. */
  const requestThroughNginx = async (path: string, options: RequestOptions = {}) =>
    request(`https://localhost:${portOf(await stack.address('nginx', 8443))}${path}`, { ca: certificate, ...options })
  const health = async () => (await requestThroughNginx('/api/health')).json()
  const createSession = async () => {
    const response = await requestThroughNginx('/api/session', { body: { token } })
    expect(response.status).toBe(201)
    return response.headers['set-cookie']?.[0] ?? ''
  }
  const withCookie = (cookie: string): RequestOptions => ({ headers: { cookie: cookie.split(';')[0] ?? '' } })

  test('starts with plain `docker compose`, with every service healthy', async () => {
    expect(await serviceHealth(stack)).toEqual([
      'aicleaner healthy',
      'nginx healthy',
      'prometheus healthy',
      'redis healthy',
    ])
    expect(await health()).toMatchObject({ status: 'ok', store: 'redis', journal: 'file' })
  })

  test.each(['aicleaner', 'nginx', 'prometheus', 'redis'])(
    'the container of %s runs without root, capabilities and a writable root file system',
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

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('supports %s', async (tls) => {
    const response = await requestThroughNginx('/api/health', { tls })
    expect([response.status, response.protocol]).toEqual([200, tls])
  })

  test('sends each security header once', async () => {
    const { headers } = await requestThroughNginx('/')
    expect(headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers.server).toBe('nginx')
  })

  test('redirects HTTP to HTTPS', async () => {
    const response = await request(`http://127.0.0.1:${portOf(await stack.address('nginx', 8080))}/api/zones?x=1`, {
      headers: { host: 'home.example' },
    })
    expect([response.status, response.headers.location]).toEqual([308, 'https://home.example/api/zones?x=1'])
  })

  test('does not expose metrics', async () => {
    expect((await requestThroughNginx('/metrics')).status).toBe(404)
  })

  test('requires the token, and sets a cookie that is sent over TLS only', async () => {
    expect((await requestThroughNginx('/api/zones')).status).toBe(401)
    const cookie = await createSession()
    expect(cookie).toMatch(/; Secure$/)
    expect((await requestThroughNginx('/api/zones', withCookie(cookie))).status).toBe(200)
  })

  test('keeps sessions and cleanings while Redis is down, and ended sessions stay ended', async () => {
    const [active, ended] = [await createSession(), await createSession()]
    await stack.compose('kill', 'redis')
    await eventually(async () => expect(await health()).toMatchObject({ status: 'degraded', store: 'memory' }))
    expect((await requestThroughNginx('/api/zones', withCookie(active))).status).toBe(200)
    expect((await requestThroughNginx('/api/zones/kitchen/cleaned', { ...withCookie(active), body: {} })).status).toBe(
      201,
    )
    expect((await requestThroughNginx('/api/session', { ...withCookie(ended), method: 'DELETE' })).status).toBe(204)
    const createdMeanwhile = await createSession()

    await stack.compose('up', '--detach', '--no-build', '--no-deps', '--wait', 'redis')
    await eventually(async () => expect(await health()).toMatchObject({ status: 'ok', store: 'redis' }))
    // After a restart, the service can know sessions only from Redis.
    await stack.compose('restart', '--timeout', '10', 'aicleaner')
    await eventually(async () => {
      expect((await requestThroughNginx('/api/zones', withCookie(active))).status).toBe(200)
    })
    expect((await requestThroughNginx('/api/zones', withCookie(createdMeanwhile))).status).toBe(200)
    expect((await requestThroughNginx('/api/zones', withCookie(ended))).status).toBe(401)
    expect((await requestThroughNginx('/api/zones/kitchen', withCookie(active))).json()).toMatchObject({ due: false })
  }, 600_000)

  test('limits the rate of login attempts', async () => {
    const statuses: number[] = []
    for (let attempt = 0; attempt < 12; attempt++)
      statuses.push((await requestThroughNginx('/api/session', { body: { token: `guess ${attempt}` } })).status)
    expect(statuses).toContain(429)
    expect(new Set(statuses)).toEqual(new Set([401, 429].filter((status) => statuses.includes(status))))
  })
})
