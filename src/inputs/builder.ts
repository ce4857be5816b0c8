import { quotedList } from '../core/parsed.ts'
import { parseEndpoints } from './endpoints.ts'
import type { BuildOptions } from './options.ts'
import type { InputReader } from './reader.ts'
import { driverOption, plainName } from './values.ts'

type BuilderInputs = Pick<BuildOptions, 'driver' | 'driverOptions' | 'endpoints' | 'endpointTls'> & {
  readonly builder: string | undefined
  readonly buildkitdConfig: string | undefined
}

/** The inputs about the builder. Inputs that the builder would not support are errors here, because buildx would ignore them silently. */
export function builderInputs(read: InputReader): BuilderInputs {
  const driver = read.choice('driver', ['auto', 'docker', 'docker-container', 'remote', 'kubernetes'], 'auto')
  const builder = read.one('builder', 'bad-name', plainName)
  const driverOptions = read.lines('driver-opts', 'not-an-assignment', driverOption) ?? []
  const { nodes: endpoints, problems } = parseEndpoints(read.raw('endpoint'))
  for (const { line, problem, remedy } of problems)
    read.refuse('endpoint', 'bad-endpoint', `line ${line}: ${problem}`, remedy)
  const buildkitdConfig = read.text('buildkitd-config')
  const cacert = read.text('endpoint-cacert')
  const cert = read.text('endpoint-cert')
  const key = read.text('endpoint-key')
  const endpointTls = { ...(cacert && { cacert }), ...(cert && { cert }), ...(key && { key }) }

  const asked = (
    [
      ['driver', driver !== 'auto'],
      ['driver-opts', driverOptions.length > 0],
      ['endpoint', endpoints.length > 0 || problems.length > 0],
      ['buildkitd-config', buildkitdConfig !== undefined],
    ] as const
  ).filter(([, given]) => given)
  if (builder !== undefined && asked.length > 0) {
    const names = quotedList(asked.map(([name]) => name))
    read.refuse(
      'builder',
      'conflict',
      `an existing builder is used unchanged, so ${names} would have no effect.`,
      'Remove one of them.',
    )
  } else if (driver === 'docker' && asked.length > 1) {
    const names = quotedList(asked.slice(1).map(([name]) => name))
    read.refuse(
      'driver',
      'conflict',
      `"docker" is the BuildKit of the Docker engine, which ${names} cannot configure.`,
      'Use "driver: docker-container", or remove them.',
    )
  } else if (driver === 'auto' && endpoints.length > 0) {
    read.refuse(
      'endpoint',
      'conflict',
      'the type of this endpoint is unknown.',
      'Set "driver" to "remote" (a BuildKit daemon) or "docker-container" (a Docker engine).',
    )
  }
  if (driver === 'remote') {
    if (endpoints.length === 0 && problems.length === 0 && builder === undefined) {
      read.refuse(
        'endpoint',
        'missing',
        'the driver "remote" needs an endpoint.',
        'Write for example "tcp://builder.example:1234".',
      )
    }
    const context = endpoints.find(({ endpoint }) => !endpoint.includes('://'))
    if (context) {
      read.refuse(
        'endpoint',
        'bad-endpoint',
        `"${context.endpoint}" is a Docker context, but "remote" needs a BuildKit daemon.`,
        'Write its address, for example "tcp://HOST:1234", or use "driver: docker-container".',
      )
    }
    if (buildkitdConfig !== undefined) {
      read.refuse(
        'buildkitd-config',
        'conflict',
        'a remote BuildKit daemon has its own configuration.',
        'Remove it, and configure the daemon where it runs.',
      )
    }
  } else if (Object.keys(endpointTls).length > 0) {
    read.refuse(
      'endpoint-cacert',
      'conflict',
      'certificates are only for "driver: remote".',
      'Remove "endpoint-cacert", "endpoint-cert" and "endpoint-key"; a Docker engine behind TLS needs a Docker context.',
    )
  }
  if ((cert === undefined) !== (key === undefined)) {
    const lacking = cert === undefined ? 'endpoint-cert' : 'endpoint-key'
    read.refuse(
      lacking,
      'missing',
      'a certificate and its key must be set together.',
      'Set both. Secrets are empty in pull requests from forks.',
    )
  }
  return { driver, builder, driverOptions, endpoints, endpointTls, buildkitdConfig }
}
