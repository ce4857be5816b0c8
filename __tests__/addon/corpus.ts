import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Files } from '../../src/addon/files.ts'
import { readAddons } from '../../src/addon/read.ts'
import { oneLine } from '../../src/core/diagnostics.ts'
import type { GitHubEvent } from '../../src/core/host.ts'
import type { Options } from '../../src/inputs/options.ts'
import { readInputs } from '../../src/inputs/read-inputs.ts'
import { knownNames } from '../../src/pipeline/known-names.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import type { Target } from '../../src/plan/plan.ts'
import { memoryFiles } from '../fakes/memory-files.ts'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, 'fixtures', 'corpus')
export const goldenFile = join(here, 'golden', 'corpus.txt')

/** Every add-on of the corpus: folder → its files by name. */
export function corpusAddons(): ReadonlyMap<string, ReadonlyMap<string, Uint8Array>> {
  const addons = new Map<string, Map<string, Uint8Array>>()
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const folder = relative(root, resolve(entry.parentPath))
    const files = addons.get(folder) ?? new Map<string, Uint8Array>()
    addons.set(folder, files.set(entry.name, readFileSync(join(entry.parentPath, entry.name))))
  }
  return new Map([...addons].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The corpus has no Dockerfiles. Who has a build file takes the base from it, as most do; who has none names one. */
export const dockerfileFor = (files: ReadonlyMap<string, Uint8Array>): string =>
  [...files.keys()].some((name) => name.startsWith('build.'))
    ? 'ARG BUILD_FROM\nFROM $BUILD_FROM\nCOPY rootfs /\n'
    : 'FROM ghcr.io/home-assistant/base:3.23\nCOPY rootfs /\n'

export function filesOf(folder: string, files: ReadonlyMap<string, Uint8Array>): Files {
  return memoryFiles(
    new Map<string, string | Uint8Array>([
      ...[...files].map(([name, bytes]) => [`${folder}/${name}`, bytes] as const),
      [`${folder}/Dockerfile`, dockerfileFor(files)],
    ]),
  )
}

export const pushToMain: GitHubEvent = {
  name: 'push',
  ref: 'refs/heads/main',
  sha: '5f6c1d0e8a7b4c3d2e1f0a9b8c7d6e5f4a3b2c1d',
  repository: 'Owner/addons',
  owner: 'Owner',
  repositoryUrl: 'https://github.com/Owner/addons',
  defaultBranch: 'main',
  actor: 'owner',
  workflow: 'Build',
  runId: '1',
  runAttempt: 1,
  runUrl: 'https://github.com/Owner/addons/actions/runs/1',
  timestamp: Date.UTC(2026, 10, 23, 12),
}

export async function optionsOf(
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Options> {
  const { options, diagnostics } = await readInputs((name) => inputs[name] ?? '', {
    workspace: '/workspace',
    environment,
    ...knownNames,
  })
  if (!options) throw new Error(diagnostics.map(oneLine).join('\n'))
  return options
}

/** What a person would be told about one add-on, with what differs between its architectures in the plan. */
export async function describePlan(folder: string, files: Files): Promise<string> {
  const options = await optionsOf({ target: folder, mode: 'plan' })
  const { addons, diagnostics } = await readAddons(options, files)
  const made = makePlan(addons, options, pushToMain)
  const lines = [...diagnostics, ...made.diagnostics].map(
    (one) => `  ${one.severity} ${one.code}\n    ${oneLine(one).replaceAll(`${folder}/`, '')}`,
  )
  const plan = made.plan?.addons.flatMap((addon) => [
    `  plan ${addon.slug} ${addon.version} "${addon.name}"${addon.multiArch ? ` → ${addon.multiArch.image}:${addon.multiArch.tags.join(',')}` : ''}`,
    ...addon.targets.map(describeTarget),
    ...common(addon.targets[0]),
  ])
  const ended = plan && plan.length > 0 ? plan : ['  no plan']
  return [`## ${folder}`, ...lines, ...ended].join('\n')
}

const describeTarget = (target: Target): string =>
  `    ${target.architecture} ${target.image}${target.tags.length > 0 ? `:${target.tags.join(',')}` : ' (by digest)'} on ${target.baseImage ?? '?'}`

const automatic =
  /^(io\.hass\.(name|description|type|url|version|arch)|org\.opencontainers\.image\.(title|description|source|url|version|revision|created))$/

/** Build arguments and labels that the files bring along. */
function common(target: Target | undefined): readonly string[] {
  if (!target) return []
  const args = [...target.buildArguments].filter(([name]) => !name.startsWith('BUILD_') || name === 'BUILD_PARENT')
  const labels = [...target.labels].filter(([name]) => !automatic.test(name))
  return [
    ...args.map(([name, value]) => `    arg ${name}=${JSON.stringify(value)}`),
    ...labels.map(
      ([name, value]) => `    label ${name}=${JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)}`,
    ),
  ]
}

export async function describeCorpus(): Promise<string> {
  const texts: string[] = []
  for (const [folder, files] of corpusAddons()) texts.push(await describePlan(folder, filesOf(folder, files)))
  return `${texts.join('\n\n')}\n`
}
