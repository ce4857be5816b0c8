import { safeLine, trimEndChars } from '../../core/text.ts'
import { installOf } from '../../dockerfile/installs.ts'
import type { Step } from '../../dockerfile/model.ts'
import { commandsOf, isMounted, mountsOf } from '../../dockerfile/shell.ts'
import { at, type Remark, type Rule, type Subject, stepsOf } from '../rule.ts'
import { litter } from './litter.ts'

const fix =
  'Keep it out of the layer: apk add --no-cache, pip install --no-cache-dir, npm cache clean --force or rm -rf /var/lib/apt/lists/* in the same RUN; or a cache mount (RUN --mount=type=cache,target=…).'

export const packageCache: Rule = {
  id: 'image/package-cache',
  severity: 'warning',
  reason: 'Indexes and downloads of package managers serve the next installation, which never comes.',
  source: 'Docker, building best practices: apt-get; cache mounts',
  link: 'https://docs.docker.com/build/cache/optimize/#use-cache-mounts',
  check: (subject) =>
    subject.image
      ? litter(subject, 'package-cache', 10_000, (roots) => ({
          message: `A cache of a package manager is left in ${roots}.`,
          fix,
        }))
      : inDockerfile(subject),
}

function inDockerfile(subject: Subject): readonly Remark[] {
  const { dockerfile } = subject
  if (!dockerfile) return []
  return stepsOf(subject, 'RUN').flatMap((step) => {
    const [folder] = cachesLeftBy(step, subject)
    if (folder === undefined) return []
    return [
      {
        message: `A cache of a package manager is left in ${safeLine(folder)}.`,
        fix,
        where: at(dockerfile, step),
      },
    ]
  })
}

/** Folders that a RUN fills and does not empty. */
export function cachesLeftBy(step: Step, subject: Subject): readonly string[] {
  const commands = commandsOf(step)
  return commands
    .flatMap((words) => cacheOf(words, subject) ?? [])
    .filter((folder) => !isKept(folder, step) && !isRemoved(folder, commands))
}

/** Any text but an empty one, `false` too: https://github.com/pypa/pip/issues/5385. */
const pipCacheIsOff = (subject: Subject): boolean =>
  variable(subject, 'PIP_NO_CACHE_DIR') !== '' || homeAssistant.test(baseOf(subject))

/** The pip.conf of these bases switches the cache off. */
const homeAssistant = /(?:^|\/)(?:home-assistant|homeassistant)\//

const baseOf = ({ target, dockerfile }: Subject): string => target.baseImage ?? dockerfile?.chain[0]?.image ?? ''

const variable = ({ dockerfile }: Subject, name: string): string => dockerfile?.value(`$${name}`) ?? ''

/** The folder that a command fills. */
function cacheOf(words: readonly string[], subject: Subject): string | undefined {
  const has = (...options: readonly string[]): boolean => options.some((option) => words.includes(option))
  const [program = ''] = words
  if (/^apt(?:-get|itude)?$/.test(program)) return has('update') ? '/var/lib/apt/lists' : undefined
  const install = installOf(words)
  if (program === 'apk')
    return (install || has('update', 'upgrade')) && !has('--no-cache') ? '/var/cache/apk' : undefined
  if (!install) return undefined
  if (program === 'uv') {
    const off = has('--no-cache', '-n') || /^(?:1|t|true|yes|on)$/i.test(variable(subject, 'UV_NO_CACHE'))
    return off ? undefined : variable(subject, 'UV_CACHE_DIR') || '/root/.cache/uv'
  }
  if (install.manager === 'pip') {
    const off = has('--no-cache-dir') || pipCacheIsOff(subject)
    return off ? undefined : variable(subject, 'PIP_CACHE_DIR') || '/root/.cache/pip'
  }
  if (program !== 'npm' || install.options.some((option) => /^--(?:cache|dry-run)\b/.test(option))) return undefined
  return variable(subject, 'npm_config_cache') || variable(subject, 'NPM_CONFIG_CACHE') || '/root/.npm'
}

/** Not in the layer: a mount lies over it. For a user other than root it lies in another home. */
const isKept = (folder: string, step: Step): boolean =>
  isMounted(step, folder) ||
  mountsOf(step).some((mount) => {
    const target = mount.get('target') ?? mount.get('dst') ?? mount.get('destination') ?? ''
    return mount.get('type') === 'cache' && folder.startsWith('/root/') && target.endsWith(folder.slice('/root'.length))
  })

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
