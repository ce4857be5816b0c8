import { safeLine } from '../../core/text.ts'
import { installOf } from '../../dockerfile/installs.ts'
import type { Step } from '../../dockerfile/model.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import { at, type Rule } from '../rule.ts'

export const cacheOrder: Rule = {
  id: 'dockerfile/cache-order',
  severity: 'warning',
  reason: 'Every change of a source installs all dependencies again: the cache ends at the first step that differs.',
  source: 'Docker, optimize cache usage: order your layers',
  link: 'https://docs.docker.com/build/cache/optimize/#order-your-layers',
  check({ dockerfile }) {
    if (!dockerfile) return []
    return dockerfile.stages.flatMap(({ steps }) => {
      const copy = steps.findIndex(copiesSources)
      const before = steps[copy]
      if (!before) return []
      // `uv sync --no-install-project` before the sources and `uv sync` after them: the second one installs only these.
      const earlier = new Set(steps.slice(0, copy).flatMap(projectTools))
      const install = steps
        .slice(copy + 1)
        .find(
          (step) =>
            step.keyword === 'RUN' &&
            commandsOf(step).some((words) => installsFromIndex(words) && !earlier.has(words[0] ?? '')),
        )
      if (!install) return []
      return [
        {
          message: `Dependencies are installed after "${safeLine(`${before.keyword} ${before.text}`, 60)}" (line ${before.line}), so every change of a source installs them again.`,
          fix: 'Copy only what lists the dependencies, install them, and copy the sources after that.',
          where: at(dockerfile, install),
        },
      ]
    })
  },
}

/** A folder of one's own work: `.`, `rootfs`, `src`; not a file, nor what another stage made. */
function copiesSources({ keyword, flags, json, text }: Step): boolean {
  if ((keyword !== 'COPY' && keyword !== 'ADD') || flags.has('from')) return false
  return (json ?? text.split(/\s+/))
    .slice(0, -1)
    .some((source) => /^(?:\.|\.\/|\*|\/|(?:\.\/)?(?:rootfs|root|src|app|source)\/?\.?)$/.test(source))
}

/** Programs of this step that install what a project lists. */
const projectTools = (step: Step): readonly string[] =>
  step.keyword === 'RUN'
    ? commandsOf(step).flatMap((words) => (installOf(words)?.manager === 'other' ? [words[0] ?? ''] : []))
    : []

/** `go build`, and `go install ./...` without a version: the sources are what is built. */
const isOwnGo = ([verb, ...words]: readonly string[]): boolean =>
  verb === 'build' ||
  (verb === 'install' && !words.some((word) => word.includes('@'))) ||
  (verb === 'mod' && !/^(?:download|tidy|vendor)$/.test(words[0] ?? ''))

/** What comes over the network by name. A project that is built from the copied sources needs them before. */
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
