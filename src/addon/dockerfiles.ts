import { type Architecture, architectures, parseArchitecture } from '../core/architecture.ts'
import { type Diagnostic, error } from '../core/diagnostics.ts'
import { quoted, quotedList } from '../core/parsed.ts'
import type { Problems } from '../core/problems.ts'
import { type Dockerfile, readDockerfile } from '../dockerfile/dockerfile.ts'
import { dockerfilePaths, type ReadOptions } from './discover.ts'
import { type Entry, type Files, joinPath } from './files.ts'
import { type ReadText, readText } from './yaml/text.ts'

/** A file name that is read without being set in `file`. */
export const isDockerfile = (name: string): boolean =>
  name === 'Dockerfile' || architectures.some((one) => name === `Dockerfile.${one}`)

/** The Dockerfiles in the folder of an add-on, by architecture; or the one that is set in `file`. */
export async function readDockerfiles(
  folder: string,
  entries: readonly Entry[],
  { file: named }: ReadOptions,
  files: Files,
  problems: Problems,
): Promise<ReadonlyMap<Architecture | 'default', Dockerfile>> {
  const found = new Map<Architecture | 'default', Dockerfile>()
  const add = (key: Architecture | 'default', text: NonNullable<ReadText>, file: string): void => {
    const { dockerfile, diagnostics } =
      'text' in text ? readDockerfile(text.text, file) : { diagnostics: [text.diagnostic] }
    problems.add(...diagnostics)
    if (dockerfile) found.set(key, dockerfile)
  }
  if (named !== undefined) {
    const paths = dockerfilePaths(folder, named)
    for (const file of paths) {
      const text = await readText(file, files)
      if (text === undefined) continue
      add('default', text, file)
      return found
    }
    const outside = `Input "file": ${quoted(named)} is outside of the workspace.`
    if (paths.length === 0) problems.error('input/target-outside', outside, 'Use a file of the checkout.')
    else {
      const remedy = 'Correct the input "file". It is relative to the add-on folder, or to the workspace.'
      problems.error('addon/no-dockerfile', `There is no file ${quotedList(paths, ' or ')}.`, remedy)
    }
    return found
  }
  for (const key of ['default', ...architectures] as const) {
    const name = key === 'default' ? 'Dockerfile' : `Dockerfile.${key}`
    const entry = entries.find((one) => one.name === name)
    if (entry && entry.kind !== 'file') problems.add(notAFile(folder, entry))
    const file = joinPath(folder, name)
    const text = entry?.kind === 'file' ? await readText(file, files) : undefined
    if (text) add(key, text, file)
  }
  for (const entry of entries) checkName(folder, entry, problems)
  return found
}

/** `Dockerfile.arm64`: neither the Supervisor nor the retired builder reads it, nor does this action. */
function checkName(folder: string, { name, kind }: Entry, problems: Problems): void {
  const written = kind === 'file' && name.startsWith('Dockerfile.') ? name.slice('Dockerfile.'.length) : ''
  const meant = parseArchitecture(written)
  if (meant === undefined || meant === written) return
  problems.warning(
    'addon/odd-dockerfile',
    `"${name}" is ignored: Home Assistant has no architecture "${written}".`,
    `Rename it to "Dockerfile.${meant}".`,
    { file: joinPath(folder, name), line: 1, column: 1 },
  )
}

/** A path with the name of a file that is read, but that is not a file. */
export const notAFile = (folder: string, { name, kind, link }: Entry): Diagnostic =>
  error(
    'file/not-a-file',
    `"${name}" is ${kind === 'folder' ? 'a folder' : link ? 'a broken link' : 'not a regular file'}.`,
    link ? 'Replace the link with the file itself, or check out the submodule.' : 'Rename or remove it.',
    { file: joinPath(folder, name), line: 1, column: 1 },
  )
