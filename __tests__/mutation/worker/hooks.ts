// Loaded with `--import` into each process that runs mutants: test files run in plain Node, as unit tests do, which saves
// jest's start per mutant. These hooks are asked before those of unit tests.
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import '../../environment/suite/plain/hooks.mjs'
import { graph } from './graph.ts'

const replaced: Readonly<Record<string, string>> = {
  '@jest/globals': new URL('./globals.ts', import.meta.url).href,
  'fast-check': new URL('./properties.ts', import.meta.url).href,
}
// This file is loaded before Stryker enters its copy of the project, so the folder is read with each use.
const isOfProject = (url: string): boolean =>
  url.startsWith(`${pathToFileURL(process.cwd()).href}/`) && !url.includes('/node_modules/')

registerHooks({
  resolve(specifier, context, nextResolve) {
    const url = replaced[specifier]
    const own = context.parentURL?.startsWith(new URL('.', import.meta.url).href)
    if (url !== undefined && !own) return { url, shortCircuit: true }
    const resolved = nextResolve(specifier, context)
    if (!isOfProject(resolved.url)) return resolved
    return { ...resolved, url: graph.enter(resolved.url, context.parentURL) }
  },
})

// When Stryker is interrupted, servers and timers of tests must not keep the process.
process.on('disconnect', () => process.exit())
