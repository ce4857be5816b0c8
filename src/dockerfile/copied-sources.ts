import type { DockerfileModel } from './model.ts'

/** Sources of COPY and ADD that come from the context. */
export const copiedSources = (dockerfile: DockerfileModel | undefined): readonly string[] =>
  (dockerfile?.stages ?? [])
    .flatMap(({ steps }) => steps)
    .filter(({ keyword, flags }) => (keyword === 'COPY' || keyword === 'ADD') && !flags.has('from'))
    .flatMap(({ json, text }) => (json ?? text.split(/\s+/)).slice(0, -1))
