import { safeLine } from '../../core/text.ts'
import { placeOfLayer, type Rule, some } from '../rule.ts'

export const worldWritable: Rule = {
  id: 'image/world-writable',
  severity: 'warning',
  reason: 'Any process in the container can replace these files, programs among them.',
  source: 'CIS Distribution Independent Linux Benchmark 6.1.10',
  link: 'https://docs.docker.com/reference/dockerfile/#copy---chown---chmod',
  check(subject) {
    const { image } = subject
    const found = (image?.notes.files ?? []).filter(
      ({ kind, layer }) => kind === 'world-writable' && layer >= (image?.firstOwn ?? 0),
    )
    return [...Map.groupBy(found, ({ layer }) => layer)].map(([layer, files]) => ({
      message: `Everybody may write to ${some(outermost(files.map(({ path }) => path)).map((path) => `/${safeLine(path)}`))}.`,
      fix: 'Give the files to the user that needs them (COPY --chown, --chmod), and no more rights than that.',
      ...placeOfLayer(subject, layer),
    }))
  },
}

/** Of a folder and what lies in it, the folder alone. */
function outermost(paths: readonly string[]): readonly string[] {
  const all = new Set(paths)
  return [...all].sort().filter((path) => {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      if (all.has(path.slice(0, end))) return false
    return true
  })
}
