import { safeLine } from '../../core/text.ts'
import { installOf } from '../../dockerfile/installs.ts'
import { copiesContext, type Instruction, sourcesOf } from '../../dockerfile/instructions.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import type { Rule } from '../rule.ts'

export const cacheOrder: Rule = {
  id: 'dockerfile/cache-order',
  severity: 'warning',
  reason:
    'The build cache ends at the first instruction that changed. If that is a COPY of the sources, every change of a source installs all dependencies again.',
  source: 'Docker, optimize cache usage: order your layers',
  link: 'https://docs.docker.com/build/cache/optimize/#order-your-layers',
  check: ({ dockerfile }) =>
    (dockerfile?.stages ?? []).flatMap(({ instructions }) => {
      const index = instructions.findIndex(copiesSources)
      const copy = instructions[index]
      if (!copy) return []
      // `uv sync --no-install-project` before the sources and `uv sync` after them: the second one installs only these.
      const earlier = new Set(instructions.slice(0, index).flatMap(projectTools))
      const install = instructions
        .slice(index + 1)
        .find(
          (one) =>
            one.keyword === 'RUN' &&
            commandsOf(one).some((words) => installsFromIndex(words) && !earlier.has(words[0] ?? '')),
        )
      if (!install) return []
      return [
        {
          message: `Dependencies are installed after "${safeLine(`${copy.keyword} ${copy.text}`, 60)}" (line ${copy.where.line}), so every change of a source installs them again.`,
          fix: 'Copy only the files that list the dependencies, install them, then copy the sources.',
          where: install.where,
        },
      ]
    }),
}

/** A source folder of the author: `.`, `rootfs`, `src`; not a file. */
const copiesSources = (instruction: Instruction): boolean =>
  copiesContext(instruction) &&
  sourcesOf(instruction).some((source) =>
    /^(?:\.|\.\/|\*|\/|(?:\.\/)?(?:rootfs|root|src|app|source)\/?\.?)$/.test(source),
  )

/** Programs of this instruction that install the dependencies of a project. */
const projectTools = (instruction: Instruction): readonly string[] =>
  instruction.keyword === 'RUN'
    ? commandsOf(instruction).flatMap((words) => (installOf(words)?.manager === 'other' ? [words[0] ?? ''] : []))
    : []

/** `go build`, and `go install ./...` without a version: they build the sources. */
const isOwnGo = ([verb, ...words]: readonly string[]): boolean =>
  verb === 'build' ||
  (verb === 'install' && !words.some((word) => word.includes('@'))) ||
  (verb === 'mod' && !/^(?:download|tidy|vendor)$/.test(words[0] ?? ''))

/** Whether packages are downloaded by name. A project that is built from the copied sources needs them before. */
function installsFromIndex(words: readonly string[]): boolean {
  const install = installOf(words)
  if (!install) return false
  if (install.manager === 'other') return words[0] !== 'cargo' && !(words[0] === 'go' && isOwnGo(words.slice(1)))
  if (install.manager === 'pip')
    return (
      !install.packages.some((name) => /^[./]|[*]|\.whl$/.test(name)) ||
      install.options.some((option) => /^(?:-r|--requirement)/.test(option))
    )
  return true
}
