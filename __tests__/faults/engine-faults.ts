import { execFileSync } from 'node:child_process'

/** `docker` on one engine; gives what it printed. */
export const dockerOn =
  (dockerHost: string) =>
  (...args: string[]): string =>
    execFileSync('docker', args, {
      encoding: 'utf8',
      env: { ...process.env, DOCKER_HOST: dockerHost },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
