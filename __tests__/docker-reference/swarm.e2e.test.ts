import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { type ProcessResult, run } from '../environment/machine/command.ts'
import { buildFakes, buildReference, dockerOf, eventually, reference, temporaryFolder, uniqueName } from './docker.ts'
import { createSecrets, ephemeralPorts, filesWithFakes, withoutGrafana } from './stack.ts'
import { type Swarm, startSwarm } from './swarm.ts'
import { type RequestOptions, request } from './web.ts'

const stack = 'aicleaner'
const subnet = '172.28.0.'

interface Service {
  readonly Spec: {
    readonly TaskTemplate: { readonly ContainerSpec: { readonly Image: string; readonly Env: string[] } }
  }
  readonly UpdateStatus?: { readonly State: string }
}

describeWith(['engine', 'registry', 'bases'], `The production stack in a swarm (${withoutGrafana})`, (facts) => {
  const name = uniqueName('swarm')
  const repository = `${facts.registry}/${name}`
  const images = { first: `${repository}:3.0.0`, second: `${repository}:3.0.1`, fakes: `${repository}:fakes` }
  const build = dockerOf(facts)
  const { folder, remove } = temporaryFolder()
  let swarm: Swarm
  let certificate = ''
  let deployed: ProcessResult

  const deploy = (environment: Readonly<Record<string, string>>): Promise<ProcessResult> =>
    run(join(reference, 'deploy-swarm.sh'), [stack], {
      environment: {
        ...ephemeralPorts,
        COMPOSE_FILE: filesWithFakes('swarm').join(':'),
        AICLEANER_IMAGE: repository,
        AICLEANER_SECRETS: join(folder, 'secrets'),
        FAKE_IMAGE: images.fakes,
        DOCKER_HOST: swarm.dockerHost,
        ...environment,
      },
    })
  const service = async (serviceName: string): Promise<Service> =>
    JSON.parse(await swarm.docker('service', 'inspect', '--format', '{{json .}}', `${stack}_${serviceName}`)) as Service
  /** All tasks of a service, newest first: `Running IMAGE:TAG`. */
  const tasks = async (serviceName: string): Promise<readonly string[]> => {
    const format = ['--no-trunc', '--format', '{{.DesiredState}} {{.Image}}']
    const lines = await swarm.docker('service', 'ps', ...format, `${stack}_${serviceName}`)
    return lines.split('\n').map((line) => line.replace(/@.*/, ''))
  }
  const container = (serviceName: string) =>
    swarm.docker('ps', '--quiet', '--filter', `label=com.docker.swarm.service.name=${stack}_${serviceName}`)
  /** Sends a request through Nginx. */
  const requestThroughNginx = async (path: string, options: RequestOptions = {}) => {
    const [address = ''] = (await swarm.docker('port', await container('nginx'), '8443')).split('\n')
    return request(`https://localhost:${address.split(':').at(-1)}${path}`, { ca: certificate, ...options })
  }
  const health = async () => (await requestThroughNginx('/api/health')).json()

  beforeAll(async () => {
    certificate = readFileSync(join(await createSecrets(folder), 'tls_certificate'), 'utf8')
    const [started] = await Promise.all([
      startSwarm(facts),
      (async () => {
        await Promise.all([
          buildFakes(build, facts, images.fakes),
          buildReference(build, facts, images.first, '--build-arg=BUILD_VERSION=3.0.0'),
          buildReference(build, facts, images.second, '--build-arg=BUILD_VERSION=3.0.1'),
        ])
        await build('push', '--quiet', '--all-tags', repository)
      })(),
    ])
    swarm = started
    deployed = await deploy({ AICLEANER_VERSION: '3.0.0' })
    if (deployed.code !== 0) throw new Error(`${deployed.stderr}${deployed.stdout}`)
  }, 600_000)
  afterAll(async () => {
    await swarm?.release()
    await build.try('image', 'rm', '--force', ...Object.values(images))
    remove()
  }, 600_000)

  test('runs every service without warnings about ignored settings', async () => {
    const lines = (await swarm.docker('service', 'ls', '--format', '{{.Name}} {{.Replicas}}')).split('\n').sort()
    expect(lines).toEqual(['aicleaner', 'nginx', 'prometheus', 'redis'].map((each) => `${stack}_${each} 1/1`))
    expect(deployed.stdout + deployed.stderr).toMatch(/converged/)
    expect(deployed.stdout + deployed.stderr).not.toMatch(/ignoring|unsupported|deprecated/i)
    await eventually(async () =>
      expect(await health()).toMatchObject({ status: 'ok', store: 'redis', version: '3.0.0' }),
    )
  }, 600_000)

  test('services resolve each other over the overlay network', async () => {
    const [network] = JSON.parse(await swarm.docker('network', 'inspect', `${stack}_aicleaner`))
    expect(network).toMatchObject({ Driver: 'overlay', Scope: 'swarm', Attachable: true })
    expect(network.IPAM.Config).toEqual([expect.objectContaining({ Subnet: `${subnet}0/24` })])
    const nginx = await container('nginx')
    for (const other of ['aicleaner', 'prometheus', 'redis']) {
      const [address = ''] = (await swarm.docker('exec', nginx, 'getent', 'ahostsv4', other)).split(' ')
      const networks = JSON.parse(
        await swarm.docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', await container(other)),
      )
      expect([other, address]).toEqual([other, networks[`${stack}_aicleaner`].IPAddress])
      expect(address.startsWith(subnet)).toBe(true)
    }
  }, 600_000)

  test('publishes only the ports of Nginx', async () => {
    const ports = (await swarm.docker('ps', '--format', '{{.Label "com.docker.swarm.service.name"}} {{.Ports}}')).split(
      '\n',
    )
    const published = ports.filter((line) => line.includes('->'))
    expect(published).toEqual([expect.stringMatching(/^aicleaner_nginx /)])
    expect((await requestThroughNginx('/api/zones')).status).toBe(401)
  }, 600_000)

  test('an update stops the old version before it starts the new one, and keeps recorded cleanings', async () => {
    const token = readFileSync(join(folder, 'secrets/api_token'), 'utf8')
    const headers = { authorization: `Bearer ${token}` }
    expect((await requestThroughNginx('/api/zones/kitchen/cleaned', { headers, body: {} })).status).toBe(201)

    const updated = await deploy({ AICLEANER_VERSION: '3.0.1' })
    expect([updated.code, updated.stdout + updated.stderr]).toEqual([0, expect.any(String)])
    expect((await service('aicleaner')).UpdateStatus?.State).toBe('completed')
    expect(await tasks('aicleaner')).toEqual([`Running ${images.second}`, `Shutdown ${images.first}`])
    // Unchanged services keep running.
    expect(await tasks('nginx')).toHaveLength(1)
    await eventually(async () => expect(await health()).toMatchObject({ store: 'redis', version: '3.0.1' }))
    expect((await requestThroughNginx('/api/zones/kitchen', { headers })).json()).toMatchObject({ due: false })
  }, 600_000)

  test('a version that does not start is rolled back automatically, and the deployment fails', async () => {
    const failed = await deploy({ AICLEANER_VERSION: '3.0.0', AICLEANER_LOG_LEVEL: 'loud' })
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining(`${stack}_aicleaner rollback_`)])
    await eventually(async () => expect((await service('aicleaner')).UpdateStatus?.State).toBe('rollback_completed'))
    const { Image, Env } = (await service('aicleaner')).Spec.TaskTemplate.ContainerSpec
    expect([Image, Env]).toEqual([
      expect.stringContaining(`${images.second}@sha256:`),
      expect.arrayContaining(['AICLEANER_LOG_LEVEL=info']),
    ])
    await eventually(async () => expect(await health()).toMatchObject({ status: 'ok', version: '3.0.1' }))
  }, 600_000)
})
