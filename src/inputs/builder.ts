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
  for (const { problem, remedy } of problems) read.refuse('endpoint', 'bad-endpoint', problem, remedy)
  const buildkitdConfig = read.text('buildkitd-config')
  const cacert = read.text('endpoint-cacert')
  const cert = read.text('endpoint-cert')
  const key = read.text('endpoint-key')
  const endpointTls = { ...(cacert && { cacert }), ...(cert && { cert }), ...(key && { key }) }

  const settings = [
    ...(driverOptions.length > 0 ? ['driver-opts'] : []),
    ...(endpoints.length > 0 || problems.length > 0 ? ['endpoint'] : []),
    ...(buildkitdConfig === undefined ? [] : ['buildkitd-config']),
  ]
  const asked = [...(driver === 'auto' ? [] : ['driver']), ...settings]
  if (builder !== undefined && asked.length > 0) {
    const problem = `an existing builder is used unchanged, so ${quotedList(asked)} would have no effect.`
    read.refuse('builder', 'conflict', problem, 'Remove one of them.')
  } else if (driver === 'docker' && settings.length > 0) {
    read.refuse(
      'driver',
      'conflict',
      `"docker" is the BuildKit of the Docker engine, which ${quotedList(settings)} cannot configure.`,
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
      const remedy = 'Write for example "tcp://builder.example:1234".'
      read.refuse('endpoint', 'missing', 'the driver "remote" needs an endpoint.', remedy)
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
      const remedy = 'Remove it, and configure the daemon where it runs.'
      read.refuse('buildkitd-config', 'conflict', 'a remote BuildKit daemon has its own configuration.', remedy)
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
    const remedy = 'Set both. Secrets are empty in pull requests from forks.'
    read.refuse(lacking, 'missing', 'a certificate and its key must be set together.', remedy)
  }
  return { driver, builder, driverOptions, endpoints, endpointTls, buildkitdConfig }
}
