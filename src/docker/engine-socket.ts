import { type IncomingMessage, request } from 'node:http'
import { type DockerConfig, dockerConfigFolder, readDockerConfig } from '../registry/credentials.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Sends a GET request to the engine's API at a Unix socket; undefined for anything but a response with status 200. */
export type QueryEngine = (socket: string, path: string) => Promise<string | undefined>

const defaultSocket = '/var/run/docker.sock'
const timeoutMs = 10_000
const longestAnswer = 4 * 1024 * 1024

/** The socket that `docker` uses; undefined for TCP, SSH and other contexts. Pure. Source: docker/cli `cli/command/cli.go` (resolveContextName). */
export function socketOf(environment: Environment, config: DockerConfig): string | undefined {
  const { DOCKER_HOST: address } = environment
  if (address) return /^unix:\/\/(\/.+)$/.exec(address)?.[1]
  const context = environment.DOCKER_CONTEXT || config.currentContext || 'default'
  return context === 'default' ? defaultSocket : undefined
}

/** The same, with docker's configuration on this machine. */
export const findSocket = async (environment: Environment): Promise<string | undefined> =>
  socketOf(environment, await readDockerConfig(dockerConfigFolder(environment)))

/** See `QueryEngine`. A response over 4 MiB counts as none. */
export const querySocket: QueryEngine = async (socketPath, path) => {
  const asking = request({ socketPath, path, timeout: timeoutMs })
  asking.on('timeout', () => asking.destroy())
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      asking.on('response', resolve).on('error', reject).end()
    })
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > longestAnswer) return undefined
      chunks.push(chunk)
    }
    return response.statusCode === 200 ? Buffer.concat(chunks).toString('utf8') : undefined
  } catch {
    return undefined
  }
}
