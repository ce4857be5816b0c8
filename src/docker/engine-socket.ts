import { request } from 'node:http'
import { type DockerConfig, dockerConfigFolder, readDockerConfig } from '../registry/credentials.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Sends a GET request to the engine's API at a Unix socket; undefined for anything but a response with status 200. */
export type AskEngine = (socket: string, path: string) => Promise<string | undefined>

const defaultSocket = '/var/run/docker.sock'
const timeoutMs = 10_000
const longestAnswer = 4 * 1024 * 1024

/**
 * The socket of the engine that `docker` uses; undefined where only docker itself can reach it: TCP, SSH, a context other than the default.
 * Pure. Source: docker/cli `cli/command/cli.go` (resolveContextName).
 */
export function socketOf(environment: Environment, config: DockerConfig): string | undefined {
  const { DOCKER_HOST: address } = environment
  if (address) return /^unix:\/\/(\/.+)$/.exec(address)?.[1]
  const context = environment.DOCKER_CONTEXT || config.currentContext || 'default'
  return context === 'default' ? defaultSocket : undefined
}

/** The same, with docker's configuration on this machine. */
export const findSocket = async (environment: Environment): Promise<string | undefined> =>
  socketOf(environment, await readDockerConfig(dockerConfigFolder(environment)))

export const askSocket: AskEngine = (socketPath, path) =>
  new Promise((resolve) => {
    const asking = request({ socketPath, path, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > longestAnswer) asking.destroy()
        else chunks.push(chunk)
      })
      response.on('end', () =>
        resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString('utf8') : undefined),
      )
      response.on('error', () => resolve(undefined))
      response.on('close', () => resolve(undefined))
    })
    asking.on('timeout', () => asking.destroy())
    asking.on('error', () => resolve(undefined))
    asking.end()
  })
