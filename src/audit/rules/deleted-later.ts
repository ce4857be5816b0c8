import { safeLine } from '../../core/text.ts'
import { installOf, removalOf, removedBy } from '../../dockerfile/installs.ts'
import { type Instruction, wordsIn } from '../../dockerfile/instructions.ts'
import type { ResolvedDockerfile } from '../../dockerfile/resolve.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import { instructionsOf, type Rule, type RuleInput, type Violation } from '../rule.ts'
import { wasteViolations } from '../waste.ts'
import { cachesLeftBy, isRemoved } from './package-cache.ts'

export const deletedLater: Rule = {
  id: 'layer/deleted-later',
  severity: 'warning',
  reason: 'A layer only hides files of an earlier layer. Every device still downloads them.',
  source: 'Docker, building best practices: RUN',
  link: 'https://docs.docker.com/build/building/best-practices/#run',
  check: (input) =>
    input.image
      ? wasteViolations(
          input,
          ({ reason, writtenBy }, firstOwn) => reason === 'deleted' && writtenBy >= firstOwn,
          (paths) => ({
            message: `This layer deletes files of earlier layers: ${paths}.`,
            fix: 'Delete them in the RUN that creates them, or do not add them: use a multi-stage build, a bind or cache mount, or .dockerignore.',
          }),
        )
      : inDockerfile(input),
}

/** Before a build: a RUN that only deletes files of earlier instructions. */
function inDockerfile(input: RuleInput): readonly Violation[] {
  const { dockerfile } = input
  if (!dockerfile) return []
  let installed = false
  const left = new Set<string>()
  const copied = new Set<string>()
  const packages = new Set<string>()
  return instructionsOf(input, 'RUN', 'COPY', 'ADD').flatMap((instruction) => {
    if (instruction.keyword !== 'RUN') {
      for (const path of archivesOf(instruction, dockerfile)) copied.add(path)
      return []
    }
    const commands = commandsOf(instruction)
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
        (words[0] === 'rm' && words.some((word) => copied.has(word))),
    )
    installed ||= installs
    const removed = removedBy(commands)
    for (const name of names) if (!removed.has(name)) packages.add(name)
    for (const folder of cachesLeftBy(instruction, input)) left.add(folder)
    if (!late) return []
    const isCopied = late.some((word) => copied.has(word))
    return [
      {
        message: `"${safeLine(late.join(' '), 60)}" deletes files that an earlier ${isCopied ? 'COPY or ADD' : 'RUN'} added. Its layer still contains them.`,
        fix: isCopied
          ? 'Download, use and delete the files in one RUN, or use them in a separate stage: RUN --mount=type=bind, or COPY --from.'
          : 'Move the command to the end of the RUN that adds the files.',
        where: instruction.where,
      },
    ]
  })
}

/** Paths of large files that are rarely meant to stay: archives, packages, downloads of ADD. */
function archivesOf(instruction: Instruction, dockerfile: ResolvedDockerfile): readonly string[] {
  const { keyword, flags } = instruction
  const words = wordsIn(instruction).map((word) => dockerfile.value(word) ?? word)
  const to = words.at(-1) ?? ''
  return words.slice(0, -1).flatMap((source) => {
    const isDownload = keyword === 'ADD' && /^https?:/i.test(source)
    // ADD unpacks archives of the context.
    const isKept = isDownload || keyword === 'COPY' || flags.has('from')
    if (!isKept || !(isDownload || /\.(?:tar(?:\.\w+)?|tgz|txz|zip|deb|apk|whl|rpm|xz|gz|7z)$/i.test(source))) return []
    return [to.endsWith('/') ? `${to}${source.slice(source.lastIndexOf('/') + 1)}` : to]
  })
}
