// Loaded with `--import` into each process that runs tests: `@jest/globals` exists only inside jest.
import { registerHooks } from 'node:module'

const globals = new URL('globals.mjs', import.meta.url).href

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === '@jest/globals') return { url: globals, shortCircuit: true }
    const resolved = nextResolve(specifier, context)
    // Packages for bundlers import JSON without an import attribute; jest accepts that too.
    return resolved.url.endsWith('.json') ? { ...resolved, importAttributes: { type: 'json' } } : resolved
  },
})
