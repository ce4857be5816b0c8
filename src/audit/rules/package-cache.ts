import { safeLine, trimEndChars } from '../../core/text.ts'
import { installOf } from '../../dockerfile/installs.ts'
import type { Instruction } from '../../dockerfile/instructions.ts'
import { commandsOf, isMounted, mountsOf, mountTarget } from '../../dockerfile/shell.ts'
import { leftoverViolations } from '../leftovers.ts'
import { baseImageOf, instructionsOf, type Rule, type RuleInput } from '../rule.ts'

const violation = (folders: string) => ({
  message: `A package manager cache is left in ${folders}.`,
  fix: 'Keep it out of the layer: use apk add --no-cache, pip install --no-cache-dir, npm cache clean --force or rm -rf /var/lib/apt/lists/* in the same RUN, or a cache mount (RUN --mount=type=cache,target=…).',
})

export const packageCache: Rule = {
  id: 'image/package-cache',
  severity: 'warning',
  reason: 'Indexes and downloads of a package manager serve later installations, but an image has none.',
  source: 'Docker, building best practices: apt-get; cache mounts',
  link: 'https://docs.docker.com/build/cache/optimize/#use-cache-mounts',
  check: (input) =>
    input.image
      ? leftoverViolations(input, 'package-cache', 10_000, violation)
      : instructionsOf(input, 'RUN').flatMap((run) =>
          cachesLeftBy(run, input)
            .slice(0, 1)
            .map((folder) => ({ ...violation(safeLine(folder)), where: run.where })),
        ),
}

/** Folders that a RUN fills and does not empty. */
export function cachesLeftBy(run: Instruction, input: RuleInput): readonly string[] {
  const commands = commandsOf(run)
  return commands
    .flatMap((words) => cacheOf(words, input) ?? [])
    .filter((folder) => !isOutsideLayer(folder, run) && !isRemoved(folder, commands))
}

/** Any value except an empty one, even `false`: https://github.com/pypa/pip/issues/5385. */
const pipCacheIsOff = (input: RuleInput): boolean =>
  variable(input, 'PIP_NO_CACHE_DIR') !== '' || homeAssistant.test(baseImageOf(input))

/** The pip.conf of these bases switches the cache off. */
const homeAssistant = /(?:^|\/)(?:home-assistant|homeassistant)\//

const variable = ({ dockerfile }: RuleInput, name: string): string => dockerfile?.value(`$${name}`) ?? ''

/** The folder that a command fills. */
function cacheOf(words: readonly string[], input: RuleInput): string | undefined {
  const has = (...options: readonly string[]): boolean => options.some((option) => words.includes(option))
  const [program = ''] = words
  if (/^apt(?:-get|itude)?$/.test(program)) return has('update') ? '/var/lib/apt/lists' : undefined
  const install = installOf(words)
  if (program === 'apk')
    return (install || has('update', 'upgrade')) && !has('--no-cache') ? '/var/cache/apk' : undefined
  if (!install) return undefined
  if (program === 'uv') {
    const isOff = has('--no-cache', '-n') || /^(?:1|t|true|yes|on)$/i.test(variable(input, 'UV_NO_CACHE'))
    return isOff ? undefined : variable(input, 'UV_CACHE_DIR') || '/root/.cache/uv'
  }
  if (install.manager === 'pip') {
    const isOff = has('--no-cache-dir') || pipCacheIsOff(input)
    return isOff ? undefined : variable(input, 'PIP_CACHE_DIR') || '/root/.cache/pip'
  }
  if (program !== 'npm' || install.options.some((option) => /^--(?:cache|dry-run)\b/.test(option))) return undefined
  return variable(input, 'npm_config_cache') || variable(input, 'NPM_CONFIG_CACHE') || '/root/.npm'
}

/** Whether a mount covers the folder. A user other than root has it in another home. */
const isOutsideLayer = (folder: string, run: Instruction): boolean =>
  isMounted(run, folder) ||
  mountsOf(run).some(
    (mount) =>
      mount.get('type') === 'cache' &&
      folder.startsWith('/root/') &&
      mountTarget(mount).endsWith(folder.slice('/root'.length)),
  )

/** Whether commands empty a folder, or one above it. */
export const isRemoved = (folder: string, commands: readonly (readonly string[])[]): boolean =>
  commands.some(([program, ...words]) => {
    if (program === 'npm' && words[0] === 'cache') return folder.endsWith('.npm')
    if ((program === 'pip' || program === 'pip3') && words[0] === 'cache') return folder.endsWith('/pip')
    if (program === 'uv' && words[0] === 'cache') return folder.endsWith('/uv')
    return (
      (program === 'rm' || program === 'find') &&
      words
        .map((word) => word.replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/)/, '/root'))
        .some((word) => word.startsWith('/') && `${folder}/`.startsWith(trimEndChars(word, '*').replace(/\/?$/, '/')))
    )
  })
