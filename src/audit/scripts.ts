import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathMatcher } from '../context/ignore-patterns.ts'
import { Failure } from '../core/diagnostics.ts'
import { trimEndChars } from '../core/text.ts'
import { openRegular } from '../platform/workspace-path.ts'
import type { ContextScript } from './rule.ts'

const limits = { entries: 20_000, depth: 16, steps: 100_000_000 }
const skipped = new Set(['.git', '.hg', '.svn', 'node_modules', '.venv', 'venv', '__pycache__'])
const candidate =
  /(?:^|\/)(?:run|finish|[^/]+\.(?:sh|bash))$|(?:^|\/)etc\/(?:cont-init|cont-finish)\.d\/[^/]+$|(?:^|\/)s?bin\/[^/.]+$/

/** Scripts of a build context that the container may start: those of services, in `bin`, and `*.sh`. Links are not followed. */
export async function findScripts(folder: string): Promise<readonly ContextScript[]> {
  const scripts: ContextScript[] = []
  let seen = 0
  const walk = async (path: string, depth: number): Promise<void> => {
    if (depth > limits.depth) return
    for (const entry of await readdir(join(folder, path), { withFileTypes: true }).catch(() => [])) {
      if (++seen > limits.entries) return
      const inside = path ? `${path}/${entry.name}` : entry.name
      if (entry.isDirectory() && !skipped.has(entry.name)) await walk(inside, depth + 1)
      else if (entry.isFile() && candidate.test(inside)) {
        const script = await readScript(join(folder, inside), inside)
        if (script) scripts.push(script)
      }
    }
  }
  await walk('', 0)
  return scripts
}

/** `./a/` and `/a/.` are `a`. */
function bareSource(source: string): string {
  const path = trimEndChars(source.endsWith('/.') ? source.slice(0, -1) : source, '/')
  return path.replace(/^(?:\.?\/)+/, '')
}

/**
 * Tells whether a file of the context gets into the image, by the sources of COPY and ADD with their variables filled in. If the patterns take
 * too many comparisons, every file counts as copied.
 */
export function copiedBy(sources: readonly string[]): (path: string) => boolean {
  const bare = sources.map((source) => bareSource(source))
  if (bare.some((source) => source === '' || source === '.')) return () => true
  // COPY has no exceptions with "!".
  const matcher = pathMatcher(
    bare.map((source) => source.replace(/^!/, '\\!')),
    limits.steps,
  )
  return (path) => {
    try {
      return matcher.matches(path)
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown
      return true
    }
  }
}

/** The kind of a script by its first line; undefined for a file that is none. */
async function readScript(file: string, path: string): Promise<ContextScript | undefined> {
  const handle = await openRegular(file, true).catch(() => undefined)
  if (!handle) return undefined
  try {
    const head = Buffer.alloc(512)
    const { bytesRead } = await handle.read(head, 0, head.length, 0)
    const [line = ''] = head.toString('latin1', 0, bytesRead).split('\n')
    if (!line.startsWith('#!')) return undefined
    const { mode } = await handle.stat()
    return { path, crlf: line.endsWith('\r'), executable: (mode & 0o111) !== 0 }
  } finally {
    await handle.close()
  }
}
