import { safeLine } from '../../core/text.ts'
import { installOf, removalOf, removedBy } from '../../dockerfile/installs.ts'
import type { DockerfileModel, Step } from '../../dockerfile/model.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import { at, placeOfLayer, type Remark, type Rule, type Subject, some, stepsOf, sumOf } from '../rule.ts'
import { cachesLeftBy, isRemoved } from './package-cache.ts'

const least = 100_000

export const deletedLater: Rule = {
  id: 'layer/deleted-later',
  severity: 'warning',
  reason:
    'A layer cannot take back what an earlier one brought: it only hides it, and every device still downloads it.',
  source: 'Docker, building best practices: RUN',
  link: 'https://docs.docker.com/build/building/best-practices/#run',
  check: (subject) => (subject.image ? inImage(subject) : inDockerfile(subject)),
}

function inImage(subject: Subject): readonly Remark[] {
  const { image } = subject
  const waste = (image?.measure.contents?.waste ?? []).filter(
    ({ reason, writtenBy, hiddenBy }) =>
      reason === 'deleted' && writtenBy >= (image?.firstOwn ?? 0) && hiddenBy > writtenBy,
  )
  const byLayer = Map.groupBy(waste, ({ hiddenBy }) => hiddenBy)
  return [...byLayer].flatMap(([layer, all]) => {
    const bytes = sumOf(all)
    if (bytes < least) return []
    return [
      {
        message: `This layer deletes what earlier ones brought: ${some(all.map(({ path }) => `/${safeLine(path)}`))}.`,
        fix: 'Delete it in the RUN that makes it, or never bring it: a multi-stage build, a bind or cache mount, .dockerignore.',
        bytes,
        ...placeOfLayer(subject, layer),
      },
    ]
  })
}

/** Before a build: a RUN that only cleans up after others. */
function inDockerfile(subject: Subject): readonly Remark[] {
  const { dockerfile } = subject
  if (!dockerfile) return []
  let installed = false
  const left = new Set<string>()
  const brought = new Set<string>()
  const packages = new Set<string>()
  return stepsOf(subject, 'RUN', 'COPY', 'ADD').flatMap((step) => {
    if (step.keyword !== 'RUN') {
      for (const path of archivesOf(step, dockerfile)) brought.add(path)
      return []
    }
    const commands = commandsOf(step)
    const own = commands.flatMap((words) => installOf(words) ?? [])
    const installs = own.length > 0
    const names = new Set(
      own.flatMap(({ packages: all, virtual }) => (virtual === undefined ? all : [...all, virtual])),
    )
    const late = commands.find(
      (words) =>
        (installed && !installs && removalOf(words) !== undefined) ||
        removalOf(words)?.some((name) => packages.has(name) && !names.has(name)) ||
        (!installs && [...left].some((folder) => isRemoved(folder, [words]))) ||
        (words[0] === 'rm' && words.some((word) => brought.has(word))),
    )
    installed ||= installs
    const removed = removedBy(commands)
    for (const name of names) if (!removed.has(name)) packages.add(name)
    for (const folder of cachesLeftBy(step, subject)) left.add(folder)
    if (!late) return []
    const copied = late.some((word) => brought.has(word))
    return [
      {
        message: `"${safeLine(late.join(' '), 60)}" deletes what an earlier ${copied ? 'COPY or ADD' : 'RUN'} brought, whose layer keeps it all.`,
        fix: copied
          ? 'Fetch, use and delete it in one RUN, or use it in a stage of its own: RUN --mount=type=bind, or COPY --from.'
          : 'Move it to the end of the RUN that makes what it deletes.',
        where: at(dockerfile, step),
      },
    ]
  })
}

/** Where large files lie that are hardly meant to stay: archives, packages, what ADD fetches. */
function archivesOf({ keyword, flags, json, text }: Step, dockerfile: DockerfileModel): readonly string[] {
  const words = (json ?? text.split(/\s+/)).map((word) => dockerfile.value(word) ?? word)
  const to = words.at(-1) ?? ''
  return words.slice(0, -1).flatMap((source) => {
    const fetched = keyword === 'ADD' && /^https?:/i.test(source)
    // ADD unpacks archives of the context.
    const kept = fetched || keyword === 'COPY' || flags.has('from')
    if (!kept || !(fetched || /\.(?:tar(?:\.\w+)?|tgz|txz|zip|deb|apk|whl|rpm|xz|gz|7z)$/i.test(source))) return []
    return [to.endsWith('/') ? `${to}${source.slice(source.lastIndexOf('/') + 1)}` : to]
  })
}
