/**
 * Which module imports which, and in which generation each is loaded. A mutant in code that runs at import time needs
 * its module loaded again, and so do the modules that import it, directly or not; all others keep their instances.
 */
export class ModuleGraph {
  readonly #importers = new Map<string, Set<string>>()
  #stale: ReadonlySet<string> = new Set()
  #generation = 0

  /** Notes an import, and returns the address to load: with the generation for modules that are loaded again. */
  enter(url: string, parent: string | undefined): string {
    const module = withoutGeneration(url)
    const importers = this.#importers.get(module) ?? new Set()
    this.#importers.set(module, importers)
    if (parent !== undefined) importers.add(withoutGeneration(parent))
    return this.#stale.has(module) ? `${module}?generation=${this.#generation}` : module
  }

  /** Does this module import the other one itself? */
  imports(importer: string, url: string): boolean {
    return this.#importers.get(url)?.has(importer) === true
  }

  /** The module and all modules that import it, directly or not, the nearest first. */
  importersOf(url: string): ReadonlySet<string> {
    const found = new Set([url])
    for (const module of found) for (const importer of this.#importers.get(module) ?? []) found.add(importer)
    return found
  }

  /** From now on the module and its importers are loaded again, once. */
  renew(url: string): ReadonlySet<string> {
    this.#generation += 1
    this.#stale = this.importersOf(url)
    return this.#stale
  }
}

const withoutGeneration = (url: string): string => url.replace(/\?generation=\d+$/, '')

export const graph = new ModuleGraph()
