import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** The files of dist/ that Node loads before it runs a file: the file itself and everything that it imports statically. */
export function staticImports(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const path of importsOf(readFileSync(file, 'utf8'))) staticImports(resolve(dirname(file), path), found)
  return found
}

/** Relative paths that the text of a module of dist/ imports statically. The bundler writes its imports first. */
export const importsOf = (text: string): readonly string[] =>
  [...text.matchAll(/\b(?:import|export)(?:[\s\w$*{},]*?from)?\s*["'](\.[^"']+)["']/g)].flatMap(
    ([, path]) => path ?? [],
  )
