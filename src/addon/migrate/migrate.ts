import { basename } from 'node:path'
import { type Architecture, architectures } from '../../core/architecture.ts'
import { error, isError, type SourceLocation } from '../../core/diagnostics.ts'
import { Problems } from '../../core/problems.ts'
import { baseOf } from '../../dockerfile/base-of.ts'
import { chainOf, type Dockerfile } from '../../dockerfile/dockerfile.ts'
import { expand } from '../../dockerfile/expand.ts'
import type { Addon } from '../addon.ts'
import { readBuildFile } from '../config/build-file.ts'
import type { ReadOptions } from '../discover.ts'
import { type Files, joinPath } from '../files.ts'
import { readAddons } from '../read.ts'
import { addKeys, remainder } from './build-file.ts'
import { alwaysSet, ourLabels, refusals } from './compare.ts'
import { migrateDockerfile } from './dockerfile.ts'
import type { Change, Migration } from './migration.ts'
import { sourceText } from './source-text.ts'
import { migrateWorkflows } from './workflows.ts'

/** Build arguments that BuildKit accepts without an ARG. */
const predefined = /^(https?|ftp|no|all)_proxy$/i

/**
 * The change that moves add-ons off build.yaml and workflows off the retired action. Nothing is written.
 * Only add-ons that can be read are moved; the diagnostics have the problems of the others.
 */
export async function migrate(options: ReadOptions, files: Files): Promise<Migration> {
  const { addons, diagnostics } = await readAddons(options, files)
  const parts = [
    ...withoutShared(await Promise.all(addons.map((addon) => migrateAddon(addon, options, files)))),
    await migrateWorkflows(files),
  ]
  return {
    changes: parts.flatMap(({ changes }) => changes),
    diagnostics: [...diagnostics, ...parts.flatMap((part) => part.diagnostics)],
  }
}

/** The input `file` can set one Dockerfile for several add-ons, but it can have the base images and arguments of only one of them. */
function withoutShared(parts: readonly Migration[]): readonly Migration[] {
  const users = new Map<string, number>()
  for (const { file } of parts.flatMap(({ changes }) => changes)) users.set(file, (users.get(file) ?? 0) + 1)
  return parts.map((part) => {
    const shared = part.changes.find(({ file }) => (users.get(file) ?? 0) > 1)?.file
    const own = part.changes.at(-1)?.file
    if (shared === undefined || own === undefined) return part
    const where: SourceLocation = { file: own, line: 1, column: 1 }
    const reason = `${own} is not moved: several add-ons that have a build.yaml are built with ${shared}.`
    const remedy = 'Give each add-on a separate Dockerfile, or move the add-ons by hand.'
    return { changes: [], diagnostics: [error('migrate/refused', reason, remedy, where)] }
  })
}

async function migrateAddon(addon: Addon, options: ReadOptions, files: Files): Promise<Migration> {
  const file = addon.files.build
  const source = file === undefined ? undefined : await sourceText(file, files)
  if (file === undefined || source === undefined) return { changes: [], diagnostics: [] }
  const { build } = readBuildFile(source, file)
  const problems = new Problems()
  const keep = new Map<string, ReadonlySet<string> | 'all'>()
  const changes: Change[] = []
  const config = await moveToConfig(addon, files, keep, problems)
  if (config) changes.push(config)
  if (build.cosign) {
    keep.set('cosign', 'all')
    const problem = `A Dockerfile cannot contain "cosign", so it stays in ${basename(file)}.`
    problems.notice('migrate/kept', problem, 'No action is needed.', { file, line: 1, column: 1 })
  }
  const args = movable(new Map(addon.buildArguments), 'args', addon, keep, problems)
  const labels = movable(new Map(addon.labels), 'labels', addon, keep, problems)
  for (const [key, dockerfile] of addon.dockerfiles) {
    const before = await sourceText(dockerfile.file, files)
    if (before === undefined) continue
    const moved = migrateDockerfile(before, dockerfile.file, {
      bases: basesOf(addon, key),
      args,
      labels: new Map([...labels].filter(([name, value]) => !hasLabel(dockerfile, name, value))),
    })
    problems.add(...moved.diagnostics)
    if (moved.text !== before) changes.push({ file: dockerfile.file, before, after: moved.text })
  }
  changes.push({ file, before: source, after: remainder(source, file, keep) })
  const again = { targets: [addon.folder], ...(options.file !== undefined && { file: options.file }) }
  const reread = await readAddons(again, overlay(files, changes))
  const refused = refusals(addon, reread.addons[0], reread.diagnostics.filter(isError), build)
  return refused.length === 0 ? { changes, diagnostics: problems.list } : { changes: [], diagnostics: refused }
}

const overlay = (files: Files, changes: readonly Change[]): Files => ({
  async read(path, limit) {
    const change = changes.find(({ file }) => file === path)
    if (!change) return files.read(path, limit)
    return change.after === undefined ? { missing: true } : { bytes: Buffer.from(change.after) }
  },
  async list(folder) {
    const entries = await files.list(folder)
    if (entries === undefined || entries === 'outside') return entries
    return entries.filter(
      ({ name }) => !changes.some(({ file, after }) => after === undefined && file === joinPath(folder, name)),
    )
  },
})

/** `image` of build.yaml, and architectures that only `build_from` lists, move to config.yaml. */
async function moveToConfig(
  addon: Addon,
  files: Files,
  keep: Map<string, ReadonlySet<string> | 'all'>,
  problems: Problems,
): Promise<Change | undefined> {
  const { config: file, build = '' } = addon.files
  const keys: Record<string, unknown> = {}
  const image = addon.image?.where.file === build ? addon.image : undefined
  if (image && (file === undefined || (addon.configImage && addon.configImage.value !== image.value))) {
    keep.set('image', 'all')
    const why = file === undefined ? 'there is no config.yaml' : `${basename(file)} has a different one`
    problems.warning(
      'migrate/kept',
      `"image" stays in ${basename(build)}, because ${why}.`,
      'Decide which one is correct, and write it into config.yaml.',
      image.where,
    )
  } else if (image && !addon.configImage) keys.image = image.value
  const fromBases = addon.architectures.length > 0 && addon.architecturesWhere?.file === build
  if (fromBases && file !== undefined) keys.arch = [...addon.architectures]
  else if (fromBases) {
    keep.set('build_from', 'all')
    problems.warning(
      'migrate/kept',
      `"build_from" stays in ${basename(build)}: no other file lists the architectures, and there is no config.yaml.`,
      'Write a config.yaml with "arch".',
      addon.architecturesWhere,
    )
  }
  if (file === undefined || Object.keys(keys).length === 0) return undefined
  const before = await sourceText(file, files)
  return before === undefined ? undefined : { file, before, after: addKeys(before, file, keys) }
}

/** The values that a Dockerfile can contain. Values with line ends stay; values that are set for every build are removed. */
function movable(
  pairs: Map<string, string>,
  kind: 'args' | 'labels',
  addon: Addon,
  keep: Map<string, ReadonlySet<string> | 'all'>,
  problems: Problems,
): ReadonlyMap<string, string> {
  const staying = new Set<string>()
  for (const [name, value] of pairs) {
    const where = addon.locations.get(`${kind}.${name}`)
    if (kind === 'labels' ? ourLabels.has(name) : alwaysSet.has(name)) {
      pairs.delete(name)
      if (kind === 'args') {
        problems.warning(
          'migrate/fixed-argument',
          `${name} is set automatically for every build, so the value "${value}" is removed.`,
          'Check that nothing needs the old value.',
          where,
        )
      }
    } else if (/[\r\n]/.test(value) || predefined.test(name)) {
      staying.add(name)
      pairs.delete(name)
      problems.warning(
        'migrate/kept',
        `"${kind}.${name}" stays in ${basename(addon.files.build ?? '')}: ${predefined.test(name) ? 'it does not apply to the image' : 'a value in a Dockerfile cannot contain line breaks'}.`,
        kind === 'labels' ? 'Make it one line, or use the input "labels".' : 'Use the input "build-args".',
        where,
      )
    }
  }
  if (staying.size > 0) keep.set(kind, staying)
  return pairs
}

/** Whether the Dockerfile already has exactly this label. */
function hasLabel(dockerfile: Dockerfile, name: string, value: string): boolean {
  const stage = chainOf(dockerfile.stages, dockerfile.stages.length - 1).findLast(({ labels }) => labels.has(name))
  const text = stage?.labels.get(name)
  return text !== undefined && expand(text, () => '\0', dockerfile.escape) === value
}

/** The base images of the architectures that a Dockerfile is for; without one in build.yaml, the default of the Dockerfile. */
function basesOf(addon: Addon, key: Architecture | 'default'): ReadonlyMap<Architecture, string> {
  const dockerfile = addon.dockerfiles.get(key)
  if (!dockerfile || addon.buildFrom.size === 0) return new Map()
  const wanted = addon.architectures.length > 0 ? addon.architectures : architectures
  const mine = wanted.filter((one) => (key === 'default' ? !addon.dockerfiles.has(one) : one === key))
  return new Map(
    mine.flatMap((architecture) => {
      const declared = addon.buildFrom.get(architecture)
      if (declared !== undefined) return [[architecture, declared] as const]
      const base = baseOf(dockerfile, undefined, architecture, addon.buildArguments)
      return 'image' in base ? [[architecture, base.image] as const] : []
    }),
  )
}
