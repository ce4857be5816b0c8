import { join } from 'node:path'
import { type BuildxOptions, buildArguments } from '../../src/build/build-command.ts'
import type { Target } from '../../src/plan/plan.ts'

type Texts = Readonly<Record<string, string>>

/** A target as the output `plan` has it. */
export interface PrintedTarget
  extends Omit<Target, 'run' | 'buildArguments' | 'buildContexts' | 'labels' | 'annotations'> {
  readonly buildArguments: Texts
  readonly buildContexts: Texts
  readonly labels: Texts
  readonly annotations: Texts
}

const mapOf = (texts: Texts): ReadonlyMap<string, string> => new Map(Object.entries(texts))

export const settingOf = (workspace: string): BuildxOptions => ({
  builder: { name: 'b', driver: 'docker-container', owned: true },
  cache: { kinds: [{ kind: 'gha' }, { kind: 'registry' }, { kind: 'local', folder: '/cache' }], write: true },
  options: { cacheMode: 'max', noCache: false, pull: false, secrets: [] },
  lacksOciExport: false,
  load: 'aicleaner-build/load:1',
  paths: { layout: '/temporary/layout', metadata: '/temporary/metadata' },
  workspace,
})

const targetOf = (target: PrintedTarget): Target =>
  ({
    ...target,
    buildArguments: mapOf(target.buildArguments),
    buildContexts: mapOf(target.buildContexts),
    labels: mapOf(target.labels),
    annotations: mapOf(target.annotations),
  }) as Target

/** The kernel takes no longer argument, and no more of them together (MAX_ARG_STRLEN, and a quarter of the usual stack). */
const longestArgument = 128 * 1024 - 1
const mostArguments = 2 * 1024 * 1024

/** Flags of `buildx build` that we use and that take no value. */
const switches = new Set(['--no-cache', '--pull'])

/** What is wrong with the command that builds a target: it is parsed back as docker parses it. */
export function wrongArguments(printed: PrintedTarget, workspace: string): readonly string[] {
  const args = buildArguments(targetOf(printed), settingOf(workspace))
  const wrong: string[] = []
  for (const one of args) {
    if (one.includes('\0')) wrong.push('an argument with a NUL')
    if (Buffer.byteLength(one) > longestArgument) wrong.push('an argument that is too long for the kernel')
  }
  if (args.reduce((sum, one) => sum + Buffer.byteLength(one) + 9, 0) > mostArguments) wrong.push('too many arguments')
  const { flags, positional } = parseArguments(args.slice(2))
  const same = (name: string, expected: readonly string[]): void => {
    if (JSON.stringify(flags.get(name) ?? []) !== JSON.stringify(expected))
      wrong.push(`${name} is not what was planned`)
  }
  if (positional.length !== 1 || positional[0] !== join(workspace, printed.context)) wrong.push('another context')
  same('--file', [join(workspace, printed.dockerfile)])
  same('--platform', [printed.platform])
  same('--build-arg', assignments(printed.buildArguments))
  same('--label', assignments(printed.labels))
  const known = [
    '--builder',
    '--platform',
    '--file',
    '--build-arg',
    '--label',
    '--output',
    '--cache-from',
    '--cache-to',
  ]
  const more = ['--provenance', '--progress', '--metadata-file', '--annotation', '--build-context']
  for (const name of flags.keys()) if (![...known, ...more].includes(name)) wrong.push(`the flag ${name}`)
  for (const name of ['--cache-from', '--cache-to', '--output']) {
    for (const value of flags.get(name) ?? []) {
      if (/[\n\r"]/.test(value)) wrong.push(`${name} with a line end or a quote`)
    }
  }
  return wrong
}

const assignments = (texts: Texts): readonly string[] => Object.entries(texts).map(([key, value]) => `${key}=${value}`)

/** As pflag reads them: a flag takes the argument after it, whatever that is. */
function parseArguments(args: readonly string[]) {
  const flags = new Map<string, string[]>()
  const positional: string[] = []
  const rest = [...args]
  for (let one = rest.shift(); one !== undefined; one = rest.shift()) {
    if (!one.startsWith('-')) {
      positional.push(one)
      continue
    }
    const [, name = one, value] = /^(--[^=]+)=(.*)$/s.exec(one) ?? []
    const taken = value ?? (switches.has(name) ? 'true' : (rest.shift() ?? ''))
    flags.set(name, [...(flags.get(name) ?? []), taken])
  }
  return { flags, positional }
}
