import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { describeWith } from '../environment/describe-with.ts'
import { dockerOf, reference } from './docker.ts'
import { composeFiles, type StackName } from './stack.ts'

interface Service {
  readonly image: string
  readonly build?: { readonly target?: string }
  readonly healthcheck?: { readonly test: readonly string[]; readonly retries: number }
  readonly deploy: {
    readonly resources: Record<
      'limits' | 'reservations',
      { readonly cpus?: number; readonly memory?: string } | undefined
    >
    readonly endpoint_mode?: string
    readonly update_config?: { readonly failure_action: string; readonly order: string }
    readonly restart_policy?: { readonly condition: string }
  }
  readonly logging?: { readonly driver: string; readonly options: Record<string, string> }
  readonly depends_on?: Record<string, { readonly condition: string }>
  readonly ports?: readonly {
    readonly published: string
    readonly target: number
    readonly host_ip?: string
    readonly mode?: string
  }[]
  readonly read_only?: boolean
  readonly tmpfs?: readonly string[]
  readonly restart?: string
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly environment?: Record<string, string>
  readonly command?: readonly string[]
  readonly secrets?: readonly { readonly source: string }[]
}
interface Config {
  readonly services: Record<string, Service>
  readonly networks: Record<
    string,
    { readonly driver: string; readonly ipam?: { readonly config: readonly { subnet: string }[] } }
  >
}

describeWith(['engine'], 'The compose files', (facts) => {
  const configs = new Map<StackName, Config>()
  const config = (stackName: StackName): Config => configs.get(stackName) as Config
  const services = (stackName: StackName) => Object.entries(config(stackName).services)

  beforeAll(async () => {
    const docker = dockerOf(facts)
    for (const stackName of ['base', 'prod', 'dev', 'swarm'] as const) {
      const files = composeFiles(stackName).flatMap((file) => ['-f', join(reference, file)])
      configs.set(stackName, parse(await docker('compose', ...files, 'config')) as Config)
    }
  })

  test.each([
    ['base', ['aicleaner', 'grafana', 'prometheus', 'redis']],
    ['prod', ['aicleaner', 'grafana', 'nginx', 'prometheus', 'redis']],
    ['dev', ['adminer', 'aicleaner', 'grafana', 'mailhog', 'prometheus', 'redis']],
  ] as const)(
    '%s has the services %j, each with a health check, resource limits and log rotation',
    (stackName, names) => {
      expect(Object.keys(config(stackName).services).sort()).toEqual(names)
      for (const [name, service] of services(stackName)) {
        expect([name, service.healthcheck?.test.length]).not.toEqual([name, undefined])
        expect([name, service.healthcheck?.retries]).toEqual([name, 3])
        expect([name, service.deploy.resources.limits]).toEqual([
          name,
          expect.objectContaining({ cpus: expect.any(Number), memory: expect.any(String) }),
        ])
        expect([name, service.logging?.options]).toEqual([
          name,
          expect.objectContaining({ 'max-size': expect.any(String), 'max-file': expect.any(String) }),
        ])
      }
    },
  )

  test.each(['base', 'prod', 'dev'] as const)('%s pins the version of every image', (stackName) => {
    for (const [name, { image }] of services(stackName))
      expect([name, image]).toEqual([name, expect.stringMatching(/:(?!latest)[\w.-]+$/)])
  })

  test('services wait until the services they depend on are healthy', () => {
    for (const stackName of ['base', 'prod', 'dev'] as const) {
      const waits = services(stackName).flatMap(([, service]) => Object.values(service.depends_on ?? {}))
      expect(waits.length).toBeGreaterThanOrEqual(3)
      expect(new Set(waits.map((wait) => wait.condition))).toEqual(new Set(['service_healthy']))
    }
  })

  test('base publishes the ports of the guide and uses a bridge network with a fixed subnet', () => {
    const published = services('base').flatMap(([, service]) => service.ports?.map((port) => port.published) ?? [])
    expect(published.sort()).toEqual(['3000', '8000', '9090'])
    expect(config('base').networks.aicleaner).toMatchObject({
      driver: 'bridge',
      ipam: { config: [{ subnet: '172.28.0.0/24' }] },
    })
  })

  test('production hardens its containers, updates with rollback and keeps metrics for 30 days', () => {
    for (const [name, service] of services('prod')) {
      expect([name, service.read_only, service.cap_drop, service.security_opt]).toEqual([
        name,
        true,
        ['ALL'],
        ['no-new-privileges:true'],
      ])
      expect([name, service.deploy.update_config?.failure_action, service.deploy.restart_policy?.condition]).toEqual([
        name,
        'rollback',
        'any',
      ])
      expect([name, service.deploy.resources.reservations?.memory]).toEqual([name, expect.any(String)])
    }
    expect(config('prod').networks.aicleaner?.driver).toBe('overlay')
    expect(config('prod').services.prometheus?.command).toContain('--storage.tsdb.retention.time=30d')
  })

  test('production has no secrets in environment variables, builds nothing and publishes only the ports of Nginx', () => {
    for (const [name, service] of services('prod')) {
      expect([name, service.build]).toEqual([name, undefined])
      for (const [key, value] of Object.entries(service.environment ?? {})) {
        if (/PASSWORD|TOKEN/.test(key)) expect([key, value]).toEqual([key, expect.stringMatching(/^\/run\/secrets\//)])
      }
      const published = service.ports?.filter((port) => port.host_ip === undefined) ?? []
      expect([name, published.map((port) => port.published)]).toEqual([name, name === 'nginx' ? ['80', '443'] : []])
    }
    expect(
      config('prod')
        .services.aicleaner?.secrets?.map((secret) => secret.source)
        .sort(),
    ).toEqual(['api_token', 'redis_password'])
  })

  test('swarm has the services of production, publishes only the ports of Nginx and sets nothing that a swarm ignores', () => {
    expect(services('swarm').map(([name]) => name)).toEqual(services('prod').map(([name]) => name))
    for (const [name, service] of services('swarm')) {
      const ports = service.ports?.map(({ mode, host_ip, published }) => [mode, host_ip, published]) ?? []
      const expected = ['80', '443'].map((port) => ['host', undefined, port])
      expect([name, ports]).toEqual([name, name === 'nginx' ? expected : []])
      const { security_opt, tmpfs, depends_on, restart, build } = service
      expect([name, { security_opt, tmpfs, depends_on, restart, build }]).toEqual([name, {}])
      expect([name, service.deploy.endpoint_mode]).toEqual([name, 'dnsrr'])
      expect([name, service.deploy.update_config]).toEqual([
        name,
        expect.objectContaining({ failure_action: 'rollback', order: 'stop-first' }),
      ])
    }
  })

  test('development has lower limits, debug logs and tools on loopback only', () => {
    const limit = (stackName: StackName, name: string) =>
      Number(config(stackName).services[name]?.deploy.resources.limits?.memory)
    for (const name of ['aicleaner', 'redis', 'prometheus', 'grafana'])
      expect(limit('dev', name)).toBeLessThan(limit('base', name))
    const { aicleaner } = config('dev').services
    expect(aicleaner?.build?.target).toBe('development')
    expect(aicleaner?.environment?.AICLEANER_LOG_LEVEL).toBe('debug')
    const tools = services('dev')
      .flatMap(([, service]) => service.ports ?? [])
      .filter((port) => [5678, 8025, 8080, 6379].includes(port.target))
    expect(tools.map((port) => port.host_ip)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1'])
  })
})
