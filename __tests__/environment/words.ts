import type { Need } from './facts.ts'

/** The tests that are skipped without a piece. */
const effects: Readonly<Record<Need, string>> = {
  engine: 'every end-to-end test',
  'classic-engine': 'tests on the classic image store',
  'containerd-engine': 'tests on the containerd image store',
  emulators: 'tests that run arm64 and armv7 containers',
  registry: 'tests that push or pull',
  bases: 'tests that build an image',
  buildkit: 'tests with docker-container builders',
  browser: 'tests of report.html in a browser',
  cosign: 'tests that sign images or verify signatures',
  sshd: 'tests with a builder behind SSH',
  mailhog: 'tests of the development stack',
  registry3: 'tests with a second implementation of a registry',
}

export type How = 'found' | 'installed' | 'started' | 'made' | 'loaded' | 'missing'

/** The line that is logged about a piece. `what`: its name and version, or the reason why it is missing. Pure. */
export function describePiece(need: Need, how: How, what: string): string {
  const skipped = how === 'missing' ? `; skipped: ${effects[need]}` : ''
  return `test environment: ${need.padEnd('containerd-engine'.length)}  ${how.padEnd('installed'.length)}  ${what}${skipped}`
}
