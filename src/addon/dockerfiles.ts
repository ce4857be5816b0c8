import { type Architecture, architectures, parseArchitecture } from '../core/architecture.ts'
import { type Diagnostic, error, warning } from '../core/diagnostics.ts'
import { quoted, quotedList } from '../core/parsed.ts'
import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import { readDockerfile } from '../dockerfile/dockerfile.ts'
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
  diagnostics: Diagnostic[],
): Promise<ReadonlyMap<Architecture | 'default', Dockerfile>> {
  const found = new Map<Architecture | 'default', Dockerfile>()
  const add = (key: Architecture | 'default', text: ReadText, file: string): void => {
    if (text === undefined) return
    if ('diagnostic' in text) {
      diagnostics.push(text.diagnostic)
      return
    }
    const { dockerfile, diagnostics: wrong } = readDockerfile(text.text, file)
    diagnostics.push(...wrong)
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
    diagnostics.push(noNamedFile(named, paths))
    return found
  }
  for (const [key, name] of [
    ['default', 'Dockerfile'] as const,
    ...architectures.map((one) => [one, `Dockerfile.${one}`] as const),
  ]) {
    const entry = entries.find((one) => one.name === name)
    if (entry === undefined) continue
    if (entry.kind === 'file') add(key, await readText(joinPath(folder, name), files), joinPath(folder, name))
    else diagnostics.push(notAFile(folder, entry))
  }
  diagnostics.push(...entries.flatMap((entry) => oddDockerfile(folder, entry)))
  return found
}

const noNamedFile = (file: string, paths: readonly string[]): Diagnostic =>
  paths.length === 0
    ? error(
        'input/target-outside',
        `Input "file": ${quoted(file)} is outside of the workspace.`,
        'Use a file of the checkout.',
      )
    : error(
        'addon/no-dockerfile',
        `There is no file ${quotedList(paths, ' or ')}.`,
        'Correct the input "file". It is relative to the add-on folder, or to the workspace.',
      )

/** `Dockerfile.arm64`: neither the Supervisor nor the retired builder reads it, nor does this action. */
function oddDockerfile(folder: string, { name, kind }: Entry): readonly Diagnostic[] {
  const written = kind === 'file' && name.startsWith('Dockerfile.') ? name.slice('Dockerfile.'.length) : ''
  const meant = parseArchitecture(written)
  if (meant === undefined || meant === written) return []
  return [
    warning(
      'addon/odd-dockerfile',
      `"${name}" is ignored: Home Assistant has no architecture "${written}".`,
      `Rename it to "Dockerfile.${meant}".`,
      { file: joinPath(folder, name), line: 1, column: 1 },
    ),
  ]
}

/** A path with the name of a file that is read, but that is not a file. */
export const notAFile = (folder: string, { name, kind, link }: Entry): Diagnostic =>
  error(
    'file/not-a-file',
    `"${name}" is ${kind === 'folder' ? 'a folder' : link ? 'a broken link' : 'not a regular file'}.`,
    link ? 'Replace the link with the file itself, or check out the submodule.' : 'Rename or remove it.',
    { file: joinPath(folder, name), line: 1, column: 1 },
  )
