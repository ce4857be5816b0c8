import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Facts } from '../environment/facts.ts'
import { run } from '../environment/machine/command.ts'
import {
  buildReference,
  buildStandIns,
  type Docker,
  dockerOf,
  ownName,
  reference,
  scratch,
  standIns,
} from './docker.ts'

export type Combination = 'base' | 'prod' | 'dev' | 'swarm'

export interface Stack {
  readonly compose: Docker
  /** Where a port of a service is reached from this machine: `127.0.0.1:32768`. Docker chooses anew whenever a container starts. */
  readonly address: (service: string, port: number) => Promise<string>
  /** For the test's own files; `secrets` and a copy of the sources lie in it. */
  readonly folder: string
  /** Name of a service's container, as `docker inspect` takes it. */
  readonly container: (service: string) => string
  readonly network: string
  readonly image: string
  /** Image with Redis, Prometheus and Nginx. */
  readonly standIns: string
  readonly remove: () => Promise<void>
}

/** The files that a user names, in that order. */
export const composeFiles = (combination: Combination): string[] =>
  ({ base: [''], prod: ['', 'prod.'], dev: ['', 'dev.'], swarm: ['', 'prod.', 'swarm.'] })[combination].map(
    (part) => `docker-compose.${part}yml`,
  )

/** The same files, and those laid over them. */
export const filesWithStandIns = (combination: Combination): string[] =>
  [reference, standIns].flatMap((folder) => composeFiles(combination).map((file) => join(folder, file)))

/** No port is guessed: for 0, Docker takes one that is free. */
export const anyPorts = {
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

/** The one service of the guide that no test starts, for the titles of those of a stack. The stand-ins give it a profile, so that Compose leaves it out. */
export const notStarted = 'without Grafana, which no package registry ships'

/** Every service that runs, and its health. */
export const healths = async ({ compose }: Stack): Promise<readonly string[]> =>
  (await compose('ps', '--format', '{{.Service}} {{.Health}}')).split('\n').sort()

/** Brings a combination up with stand-ins for the images that come from elsewhere; resolves when every service is healthy. */
export async function startStack(facts: Facts, combination: Exclude<Combination, 'swarm'>): Promise<Stack> {
  const name = ownName(combination)
  const { folder, remove: removeFolder } = scratch()
  const build = dockerOf(facts)
  const images = { standIns: `${name}-stand-ins`, service: `${name}:test`, development: `${name}:dev` }
  const secrets = await makeSecrets(folder)
  mkdirSync(join(folder, 'aicleaner'))
  await run('cp', ['-R', join(reference, 'aicleaner'), folder])
  const environment = {
    AICLEANER_IMAGE: name,
    AICLEANER_VERSION: 'test',
    AICLEANER_DEV_IMAGE: images.development,
    STAND_IN_IMAGE: images.standIns,
    SOURCES: join(folder, 'aicleaner'),
    AICLEANER_SECRETS: secrets,
    // Only a swarm can make an overlay network: `swarm.e2e` has one.
    AICLEANER_NETWORK_DRIVER: 'bridge',
    ...anyPorts,
  }
  const prefix = ['compose', '-p', name, ...filesWithStandIns(combination).flatMap((file) => ['-f', file])]
  const composeWith = (subnet: string): Docker => {
    const docker = dockerOf(facts, { ...environment, AICLEANER_SUBNET: subnet })
    return Object.assign((...args: string[]) => docker(...prefix, ...args), {
      try: (...args: string[]) => docker.try(...prefix, ...args),
    })
  }
  let compose = composeWith(anySubnet())
  const remove = async () => {
    await compose.try('down', '--volumes', '--timeout', '5', '--remove-orphans')
    await build.try('image', 'rm', '--force', ...Object.values(images))
    removeFolder()
  }
  try {
    await Promise.all([
      buildStandIns(build, facts, images.standIns, combination === 'dev' ? 'development' : undefined),
      combination === 'dev'
        ? buildReference(build, facts, images.development, '--target=development')
        : buildReference(build, facts, images.service, '--build-arg=BUILD_VERSION=3.0.0'),
    ])
    const start = () =>
      compose.try('up', '--detach', '--no-build', '--pull', 'never', '--wait', '--wait-timeout', '500')
    let up = await start()
    // Two stacks at once, or one of the machine's own, must not want the same addresses. Only Docker knows which are free.
    for (let more = 20; more > 0 && up.code !== 0 && /overlap/i.test(up.stderr); more--) {
      compose = composeWith(anySubnet())
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
    image: combination === 'dev' ? images.development : images.service,
    standIns: images.standIns,
    container: (of) => `${name}-${of}-1`,
    remove,
  }
}

/** A folder of secrets as `make-secrets.sh` makes it. */
export async function makeSecrets(folder: string): Promise<string> {
  const secrets = join(folder, 'secrets')
  const made = await run(join(reference, 'make-secrets.sh'), [secrets])
  if (made.code !== 0) throw new Error(made.stderr)
  return secrets
}

const anySubnet = (): string => `10.213.${randomInt(256)}.0/24`
