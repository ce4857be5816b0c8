import { isAbsolute, posix, relative } from 'node:path'
import { type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'
import { trimEndChars } from '../core/text.ts'

/**
 * A folder or a pattern, relative to the workspace, with `/` between parts, `.` for the workspace. Only the text is checked here;
 * links are followed when it is read.
 */
export function parseTarget(text: string, workspace: string): Parsed<string> {
  const negated = text.startsWith('!')
  const path = negated ? text.slice(1).trim() : text
  if (/\p{Cc}/u.test(path)) return wrong(`${quoted(text)} contains control characters.`, 'Write the path of a folder.')
  const inside = isAbsolute(path) ? relative(workspace, path) || '.' : path
  const normal = trimEndChars(posix.normalize(inside), '/') || '/'
  if (normal === '..' || normal.startsWith('../') || isAbsolute(normal)) {
    return wrong(
      `${quoted(text)} is outside of the workspace.`,
      'Use a folder of the checkout, relative to its root, for example "my-addon".',
    )
  }
  if (negated) return parsed(`!${normal}`)
  return parsed(normal.startsWith('!') ? `./${normal}` : normal)
}

/** One folder of the checkout, relative to the workspace; `!` at the start is part of its name. */
export const parseFolder = (text: string, workspace: string): Parsed<string> =>
  parseTarget(text.startsWith('!') ? `./${text}` : text, workspace)

/** The Dockerfile, relative to an add-on or to the workspace. A path that begins with `/` is relative to the workspace. */
export function parseFile(text: string, workspace: string): Parsed<string> {
  if (/\p{Cc}/u.test(text)) return wrong(`${quoted(text)} contains control characters.`, 'Write the path of a file.')
  if (!isAbsolute(text)) return parsed(text)
  const inside = relative(workspace, text)
  return inside === '..' || inside.startsWith('../')
    ? wrong(`${quoted(text)} is outside of the workspace.`, 'Use a file of the checkout.')
    : parsed(`/${inside}`)
}
