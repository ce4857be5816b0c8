import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

/** The folders of `src/`, from the top of the architecture to the bottom: a folder imports from those after it. */
export const layers = [
  'cli',
  'pipeline',
  'report',
  'build',
  'audit',
  'github',
  'smoke',
  'size',
  'context',
  'cosign',
  'plan',
  'docker',
  'addon',
  'registry',
  'dockerfile',
  'image',
  'inputs',
  'platform',
  'core',
] as const

export interface Import {
  /** Paths from `src/`. */
  readonly from: string
  readonly to: string
}

/** Files of `src/` as paths from there. */
export const sourceFiles = (root: string): readonly string[] =>
  globSync('**/*.{ts,js}', { cwd: posix.join(root, 'src') })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()

/** Every import of one file of `src/` by another: static, dynamic, or of types only. */
export function importsOf(root: string): readonly Import[] {
  return sourceFiles(root).flatMap((from) => {
    const text = readFileSync(posix.join(root, 'src', from), 'utf8')
    const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)
    return [...found].map(([, path = '']) => ({ from, to: posix.join(posix.dirname(from), path) }))
  })
}

/** The folder of `src/` that a file is in; `main.ts` and `post.ts` are in none. */
export const layerOf = (file: string): string | undefined => (file.includes('/') ? file.split('/')[0] : undefined)

/** Pure. Imports of a folder by one that is below it, and of an entry by anything. */
export const upwardImports = (imports: readonly Import[]): readonly Import[] =>
  imports.filter(({ from, to }) => {
    const [source, target] = [layerOf(from), layerOf(to)]
    if (source === undefined || source === target) return false
    return target === undefined || indexOf(target) < indexOf(source)
  })

const indexOf = (layer: string): number => (layers as readonly string[]).indexOf(layer)

/** Pure. Groups of files that import each other, directly or through others (Tarjan's strongly connected components). */
export function importCircles(imports: readonly Import[]): readonly (readonly string[])[] {
  const next = Map.groupBy(imports, ({ from }) => from)
  const indexes = new Map<string, number>()
  const lowest = new Map<string, number>()
  const path: string[] = []
  const circles: string[][] = []
  const visit = (file: string): number => {
    const index = indexes.size
    indexes.set(file, index)
    lowest.set(file, index)
    path.push(file)
    for (const { to } of next.get(file) ?? []) {
      const reached = indexes.has(to) ? (path.includes(to) ? (indexes.get(to) ?? index) : index) : visit(to)
      lowest.set(file, Math.min(lowest.get(file) ?? index, reached))
    }
    const low = lowest.get(file) ?? index
    if (low === index) {
      const circle = path.splice(path.indexOf(file))
      if (circle.length > 1) circles.push(circle)
    }
    return low
  }
  for (const { from } of imports) if (!indexes.has(from)) visit(from)
  return circles
}

export interface Export {
  /** Path from the root: `src/plan/tags.ts`. */
  readonly file: string
  readonly name: string
}

/** Exports of files of `src/` that no file of `src/`, `__tests__/` or `scripts/` imports. */
export function exportsWithoutImporter(root: string): readonly Export[] {
  const files = globSync('{src,__tests__,scripts}/**/*.{ts,mjs,js}', {
    cwd: root,
    exclude: (path) => path.includes('node_modules') || path.includes('/fixtures/corpus'),
  }).map((file) => ({
    file: file.replaceAll('\\', '/'),
    text: readFileSync(posix.join(root, file), 'utf8'),
  }))
  const imported = new Set(files.flatMap(({ file, text }) => [...importedNames(file, text)]))
  return files
    .filter(({ file }) => file.startsWith('src/'))
    .flatMap(({ file, text }) => exportedNames(text).map((name) => ({ file, name })))
    .filter(({ file, name }) => !imported.has(`${file} ${name}`))
}

/** Pure. Names that a module exports by declarations, the only way in `src/`. */
export const exportedNames = (text: string): readonly string[] =>
  [...text.matchAll(/^export (?:async )?(?:const|let|function\*?|class|interface|type) ([\w$]+)/gm)].flatMap(
    ([, name]) => name ?? [],
  )

/**
 * Pure. `FILE NAME` for each name that a module takes from another. Of a module that is loaded with `import()`, it may take each name that its text has.
 * @param file path from the root
 */
export function importedNames(file: string, text: string): ReadonlySet<string> {
  const found = new Set<string>()
  const target = (path: string): string => posix.join(posix.dirname(file), path)
  for (const [, names = '', path = ''] of text.matchAll(
    /\b(?:import|export) (?:type )?\{([^}]*)\} from '(\.[^']+)'/g,
  )) {
    for (const name of names.split(','))
      found.add(
        `${target(path)} ${
          name
            .trim()
            .replace(/^type /, '')
            .split(' ')[0]
        }`,
      )
  }
  const words = new Set(text.match(/[\w$]+/g))
  const whole = /\bimport\(\s*(?:new URL\()?\s*'(\.[^']+)'|\bimport \* as [\w$]+ from '(\.[^']+)'/g
  for (const [, path, namespace] of text.matchAll(whole)) {
    for (const word of words) found.add(`${target(path ?? namespace ?? '')} ${word}`)
  }
  return found
}
