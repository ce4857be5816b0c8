import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Facts } from '../environment/facts.ts'
import { run } from '../environment/machine/command.ts'
import {
  buildFakes,
  buildReference,
  type Docker,
  dockerOf,
  fakes,
  reference,
  temporaryFolder,
  uniqueName,
} from './docker.ts'

export type StackName = 'base' | 'prod' | 'dev' | 'swarm'

export interface Stack {
  readonly compose: Docker
  /** The published address of a port: `127.0.0.1:32768`. It changes whenever the container starts. */
  readonly address: (service: string, port: number) => Promise<string>
  /** Temporary folder with `secrets` and a copy of the sources. */
  readonly folder: string
  /** Name of the container of a service. */
  readonly container: (service: string) => string
  readonly network: string
  readonly image: string
  /** Image with Redis, Prometheus and Nginx. */
  readonly fakeImage: string
  readonly remove: () => Promise<void>
}

/** The Compose files of a stack, in order. */
export const composeFiles = (stackName: StackName): string[] =>
  ({ base: [''], prod: ['', 'prod.'], dev: ['', 'dev.'], swarm: ['', 'prod.', 'swarm.'] })[stackName].map(
    (part) => `docker-compose.${part}yml`,
  )

/** The Compose files of a stack, followed by their overrides for the tests. */
export const filesWithFakes = (stackName: StackName): string[] =>
  [reference, fakes].flatMap((folder) => composeFiles(stackName).map((file) => join(folder, file)))

/** For port 0, Docker chooses a free port. */
export const ephemeralPorts = {
  AICLEANER_PORT: '0',
  PROMETHEUS_PORT: '0',
  GRAFANA_PORT: '0',
  HTTP_PORT: '0',
  HTTPS_PORT: '0',
  DEBUGGER_PORT: '0',
  REDIS_PORT: '0',
  ADMINER_PORT: '0',
  MAILHOG_PORT: '0',
}

/** For test titles. Grafana is the only service that no test starts: `fakes/docker-compose.yml` excludes it with a profile. */
export const withoutGrafana = 'without Grafana, which no package registry ships'

/** Every running service with its health, sorted: `redis healthy`. */
export const serviceHealth = async ({ compose }: Stack): Promise<readonly string[]> =>
  (await compose('ps', '--format', '{{.Service}} {{.Health}}')).split('\n').sort()

/** Starts a stack, with fakes of the public images. Resolves when every service is healthy. */
export async function startStack(facts: Facts, stackName: Exclude<StackName, 'swarm'>): Promise<Stack> {
  const name = uniqueName(stackName)
  const { folder, remove: removeFolder } = temporaryFolder()
  const build = dockerOf(facts)
  const images = { fakes: `${name}-fakes`, service: `${name}:test`, development: `${name}:dev` }
  const secrets = await createSecrets(folder)
  mkdirSync(join(folder, 'aicleaner'))
  await run('cp', ['-R', join(reference, 'aicleaner'), folder])
  const environment = {
    AICLEANER_IMAGE: name,
    AICLEANER_VERSION: 'test',
    AICLEANER_DEV_IMAGE: images.development,
    FAKE_IMAGE: images.fakes,
    SOURCES: join(folder, 'aicleaner'),
    AICLEANER_SECRETS: secrets,
    // Only a swarm can create an overlay network; swarm.e2e.test.ts covers it.
    AICLEANER_NETWORK_DRIVER: 'bridge',
    ...ephemeralPorts,
  }
  const prefix = ['compose', '-p', name, ...filesWithFakes(stackName).flatMap((file) => ['-f', file])]
  const composeWith = (subnet: string): Docker => {
    const docker = dockerOf(facts, { ...environment, AICLEANER_SUBNET: subnet })
    return Object.assign((...args: string[]) => docker(...prefix, ...args), {
      try: (...args: string[]) => docker.try(...prefix, ...args),
    })
  }
  let compose = composeWith(randomSubnet())
  const remove = async () => {
    await compose.try('down', '--volumes', '--timeout', '5', '--remove-orphans')
    await build.try('image', 'rm', '--force', ...Object.values(images))
    removeFolder()
  }
  try {
    await Promise.all([
      buildFakes(build, facts, images.fakes, stackName === 'dev' ? 'development' : undefined),
      stackName === 'dev'
        ? buildReference(build, facts, images.development, '--target=development')
        : buildReference(build, facts, images.service, '--build-arg=BUILD_VERSION=3.0.0'),
    ])
    const start = () =>
      compose.try('up', '--detach', '--no-build', '--pull', 'never', '--wait', '--wait-timeout', '500')
    let up = await start()
    // Retry with another subnet if it overlaps with another network on this machine. Only Docker knows which subnets are free.
    for (let retries = 20; retries > 0 && up.code !== 0 && /overlap/i.test(up.stderr); retries--) {
      compose = composeWith(randomSubnet())
      up = await start()
    }
    if (up.code !== 0)
      throw new Error(`${up.stderr}\n${(await compose.try('logs', '--no-color', '--tail', '30')).stdout}`)
  } catch (error) {
    await remove()
    throw error
  }
  return {
    compose,
    address: (service, port) => compose('port', service, `${port}`),
    folder,
    network: `${name}_aicleaner`,
    image: stackName === 'dev' ? images.development : images.service,
    fakeImage: images.fakes,
    container: (service) => `${name}-${service}-1`,
    remove,
  }
}

/** Runs `make-secrets.sh` and returns the folder of secrets. */
export async function createSecrets(folder: string): Promise<string> {
  const secrets = join(folder, 'secrets')
  const { code, stderr } = await run(join(reference, 'make-secrets.sh'), [secrets])
  if (code !== 0) throw new Error(stderr)
  return secrets
}

const randomSubnet = (): string => `10.213.${randomInt(256)}.0/24`
