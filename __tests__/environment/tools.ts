import { browserPath } from '../report/browser-path.ts'
import { isThere, run } from './machine/command.ts'
import type { Tool } from './packages/choose.ts'

/** Go 1.21 fetches the Go that a module asks for. */
const oldestGo = 21

const succeeds = async (command: string, ...args: readonly string[]): Promise<boolean> =>
  (await run(command, args, { timeoutMs: 20_000 })).code === 0

const checks: Readonly<Record<Tool, () => Promise<boolean>>> = {
  daemon: () => isThere('dockerd'),
  client: () => isThere('docker'),
  buildx: () => succeeds('docker', 'buildx', 'version'),
  compose: () => succeeds('docker', 'compose', 'version'),
  qemu: async () => (await isThere('/usr/bin/qemu-aarch64-static')) && isThere('/usr/bin/qemu-arm-static'),
  registry: () => isThere('docker-registry'),
  mmdebstrap: () => isThere('mmdebstrap'),
  browser: async () => browserPath() !== undefined,
  cosign: () => isThere('cosign'),
  // With its full path: sshd refuses to start otherwise.
  sshd: async () => (await isThere('/usr/sbin/sshd')) && isThere('ssh'),
  go: async () => isGoRecent((await run('go', ['version'])).stdout),
}

/** Pure: of what `go version` printed. */
export const isGoRecent = (text: string): boolean => Number(/go1\.(\d+)/.exec(text)?.[1] ?? 0) >= oldestGo

/** The tools of the test environment that are installed. */
export async function findTools(): Promise<ReadonlySet<Tool>> {
  const tools = Object.keys(checks) as Tool[]
  const found = await Promise.all(tools.map((tool) => checks[tool]()))
  return new Set(tools.filter((_, index) => found[index]))
}
