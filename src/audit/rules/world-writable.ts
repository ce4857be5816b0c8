import { layerLocation, listPaths, ownFiles, type Rule } from '../rule.ts'

export const worldWritable: Rule = {
  id: 'image/world-writable',
  severity: 'warning',
  reason: 'Any process in the container can replace these files, including programs.',
  source: 'Dockerfile reference: COPY --chown --chmod (CIS Distribution Independent Linux Benchmark 6.1.10)',
  link: 'https://docs.docker.com/reference/dockerfile/#copy---chown---chmod',
  check: (input) =>
    [...Map.groupBy(ownFiles(input, 'world-writable'), ({ layer }) => layer)].map(([layer, files]) => ({
      message: `Any user can write to ${listPaths(outermost(files.map(({ path }) => path)))}.`,
      fix: 'Give write permission only to the user that needs it: COPY --chown and --chmod.',
      ...layerLocation(input, layer),
    })),
}

/** The paths without those that are below another one. */
function outermost(paths: readonly string[]): readonly string[] {
  const all = new Set(paths)
  return [...all].sort().filter((path) => {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      if (all.has(path.slice(0, end))) return false
    return true
  })
}
