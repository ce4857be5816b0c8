import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Facts } from '../testbed/facts.ts'
import { run } from '../testbed/machine/command.ts'
import { freePorts } from '../testbed/ports.ts'
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

export type Combination = 'base' | 'prod' | 'dev'

export interface Stack {
  readonly compose: Docker
  readonly ports: Readonly<Record<'service' | 'prometheus' | 'http' | 'https' | 'debugger' | 'adminer', number>>
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
  combination === 'base' ? ['docker-compose.yml'] : ['docker-compose.yml', `docker-compose.${combination}.yml`]

/** Brings a combination up with stand-ins for the images that come from elsewhere; resolves when every service is healthy. */
export async function startStack(facts: Facts, combination: Combination): Promise<Stack> {
  const name = ownName(combination)
  const { folder, remove: removeFolder } = scratch()
  const [service = 0, prometheus = 0, http = 0, https = 0, debug = 0, redis = 0, adminer = 0] = await freePorts(7)
  const build = dockerOf(facts)
  const images = { standIns: `${name}-stand-ins`, service: `${name}:test`, development: `${name}:dev` }
  const secrets = join(folder, 'secrets')
  const made = await run(join(reference, 'make-secrets.sh'), [secrets])
  if (made.code !== 0) throw new Error(made.stderr)
  mkdirSync(join(folder, 'aicleaner'))
  await run('cp', ['-R', join(reference, 'aicleaner'), folder])
  const docker = dockerOf(facts, {
    AICLEANER_IMAGE: name,
    AICLEANER_VERSION: 'test',
    AICLEANER_DEV_IMAGE: images.development,
    STAND_IN_IMAGE: images.standIns,
    SOURCES: join(folder, 'aicleaner'),
    AICLEANER_SECRETS: secrets,
    // What makes an overlay network is a swarm, and no test turns somebody's engine into one.
    AICLEANER_NETWORK_DRIVER: 'bridge',
    AICLEANER_SUBNET: await freeSubnet(build),
    AICLEANER_PORT: `${service}`,
    PROMETHEUS_PORT: `${prometheus}`,
    HTTP_PORT: `${http}`,
    HTTPS_PORT: `${https}`,
    DEBUGGER_PORT: `${debug}`,
    REDIS_PORT: `${redis}`,
    ADMINER_PORT: `${adminer}`,
  })
  const overrides =
    combination === 'base' ? ['docker-compose.yml'] : ['docker-compose.yml', `docker-compose.${combination}.yml`]
  const files = [
    ...composeFiles(combination).map((file) => join(reference, file)),
    ...overrides.map((file) => join(standIns, file)),
  ]
  const prefix = ['compose', '-p', name, ...files.flatMap((file) => ['-f', file])]
  const compose = Object.assign((...args: string[]) => docker(...prefix, ...args), {
    try: (...args: string[]) => docker.try(...prefix, ...args),
  })
  const stack: Stack = {
    compose,
    ports: { service, prometheus, http, https, debugger: debug, adminer },
    folder,
    network: `${name}_aicleaner`,
    image: combination === 'dev' ? images.development : images.service,
    standIns: images.standIns,
    container: (of) => `${name}-${of}-1`,
    remove: async () => {
      await compose.try('down', '--volumes', '--timeout', '5', '--remove-orphans')
      await docker.try('image', 'rm', '--force', ...Object.values(images))
      removeFolder()
    },
  }
  try {
    await Promise.all([
      buildStandIns(build, facts, images.standIns, combination === 'dev' ? 'development' : undefined),
      combination === 'dev'
        ? buildReference(build, facts, images.development, '--target=development')
        : buildReference(build, facts, images.service, '--build-arg=BUILD_VERSION=3.0.0'),
    ])
    const up = await compose.try('up', '--detach', '--no-build', '--pull', 'never', '--wait', '--wait-timeout', '240')
    if (up.code !== 0)
      throw new Error(`${up.stderr}\n${(await compose.try('logs', '--no-color', '--tail', '30')).stdout}`)
  } catch (error) {
    await stack.remove()
    throw error
  }
  return stack
}

/** Two stacks at once, or one of the machine's own, must not want the same addresses. */
async function freeSubnet(docker: Docker): Promise<string> {
  const names = (await docker('network', 'ls', '-q')).split('\n').filter(Boolean)
  const taken = await docker('network', 'inspect', '--format', '{{range .IPAM.Config}}{{.Subnet}} {{end}}', ...names)
  const start = Math.trunc(Math.random() * 200)
  const candidates = Array.from({ length: 200 }, (_, index) => `10.213.${(start + index) % 200}.0/24`)
  const free = candidates.find((subnet) => !taken.includes(subnet))
  if (free === undefined) throw new Error('No subnet is free.')
  return free
}
