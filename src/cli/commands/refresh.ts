import type { Addon } from '../../addon/addon.ts'
import { bumpVersion } from '../../addon/bump-version.ts'
import { addChangelogEntry } from '../../addon/changelog.ts'
import { type Files, joinPath, workspaceFiles } from '../../addon/files.ts'
import { readAddons } from '../../addon/read.ts'
import { largestFile, readText } from '../../addon/yaml/text.ts'
import { error } from '../../core/diagnostics.ts'
import type { Host } from '../../core/host.ts'
import { readInputs } from '../../inputs/read-inputs.ts'
import { knownNames } from '../../pipeline/known-names.ts'
import { loadPlan } from '../../pipeline/load-plan.ts'
import { refresh as findMoved } from '../../pipeline/refresh.ts'
import { buildOnly } from '../../plan/build-only.ts'
import { Refused, writeInside } from '../../platform/workspace-path.ts'
import { outdatedAddons } from '../../report/refresh.ts'
import type { CommandLine } from '../arguments.ts'
import { withExitCode } from './exit-code.ts'

/** Bytes. A changelog has all versions of years. */
const largestChangelog = 4 * 1024 * 1024

type OutdatedAddon = ReturnType<typeof outdatedAddons>[number]

/**
 * `refresh [FOLDER…] [--write]`: shows add-ons whose base image has changed since their published version. `--write` sets their next version in config.yaml
 * and adds it to CHANGELOG.md. 0 also if nothing has changed; 2 if a file could not be changed.
 */
export function refresh({ text, given, write }: CommandLine, host: Host): Promise<number> {
  return withExitCode(host, async () => {
    const inputs = await readInputs(text, { ...host, given, ...knownNames })
    const files = workspaceFiles(host.workspace)
    const { plan, options } = await loadPlan(inputs, host, { files, tolerated: buildOnly })
    const silent = { output: () => {}, summary: async () => {} }
    const outdated = outdatedAddons(await findMoved(plan, options, host, silent))
    if (!write || outdated.length === 0) return 0
    const { addons } = await readAddons(options, files, undefined)
    let exitCode = 0
    for (const one of outdated) {
      const problem = await bump(one, addons, files, host)
      if (problem === undefined) continue
      const { addon, folder, version } = one
      const message = `The version of "${addon}" (${version}) was not changed: ${problem}`
      const remedy = 'Change "version" in config.yaml yourself.'
      host.log.report(error('refresh/not-written', message, remedy, { file: folder, line: 1, column: 1 }))
      exitCode = 2
    }
    return exitCode
  })
}

/** @returns why the files were not changed, as a sentence. */
async function bump(
  { folder, version, next, images }: OutdatedAddon,
  addons: readonly Addon[],
  files: Files,
  { workspace, clock, log }: Host,
): Promise<string | undefined> {
  const addon = addons.find((one) => one.folder === folder)
  const [source, file] = [addon?.version, addon?.files.config]
  if (next === undefined) return 'It has no next version.'
  if (source === undefined || source.value !== version || source.where.file !== file) {
    return 'It does not come from config.yaml.'
  }
  const config = await readFile(file, files, largestFile)
  const bumped = config && bumpVersion(config.text, source, next)
  if (bumped === undefined) return `${file} has it in a form that cannot be replaced.`
  const changes = [{ file, content: config?.mark + bumped }]
  const list = joinPath(folder, 'CHANGELOG.md')
  const changelog = await readFile(list, files, largestChangelog)
  const bases = [...new Set(images.map(({ state }) => state.base))].map((base) => `Update base image ${base}`)
  const today = new Date(clock.now()).toISOString().slice(0, 10)
  const entered = changelog && addChangelogEntry(changelog.text, next, bases, today)
  if (entered !== undefined) changes.push({ file: list, content: changelog?.mark + entered })
  try {
    for (const change of changes) {
      await writeInside(workspace, change.file, change.content)
      log.info(`changed ${change.file}`)
    }
    return undefined
  } catch (thrown) {
    if (thrown instanceof Refused) return thrown.message
    throw thrown
  }
}

/** The text of a file, and its byte order mark; undefined if it cannot be read. */
async function readFile(
  file: string,
  files: Files,
  limit: number,
): Promise<{ readonly text: string; readonly mark: string } | undefined> {
  const [found, raw] = [await readText(file, files, limit), await files.read(file, limit)]
  if (found === undefined || 'diagnostic' in found || !('bytes' in raw)) return undefined
  const hasMark = Buffer.from(raw.bytes.subarray(0, 3)).equals(Buffer.from('\ufeff'))
  return { text: found.text, mark: hasMark ? '\ufeff' : '' }
}
