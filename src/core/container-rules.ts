import { variableBytes, variableName } from './variables.ts'

/**
 * Rules for values of config.yaml that become arguments of `docker create`. Each returns what is wrong with the value, or undefined. A
 * pull request may have written the value, so a rule allows what is known to be harmless; it does not search for what is harmful.
 */
interface Problem {
  /** Text that completes "…: it ". */
  readonly problem: string
  readonly remedy: string
}

/** Values of `privileged`. Source: Supervisor docker/const.py, Capabilities. */
export const capabilities = [
  'BPF',
  'CHECKPOINT_RESTORE',
  'DAC_READ_SEARCH',
  'IPC_LOCK',
  'NET_ADMIN',
  'NET_RAW',
  'PERFMON',
  'SYS_ADMIN',
  'SYS_MODULE',
  'SYS_NICE',
  'SYS_PTRACE',
  'SYS_RAWIO',
  'SYS_RESOURCE',
  'SYS_TIME',
] as const

/** Roles that `hassio_role` may name. Source: Supervisor apps/validate.py. */
export const hassioRoles = ['default', 'homeassistant', 'backup', 'manager', 'admin'] as const

/** Maximum bytes of one variable (`NAME=value`), and of all variables of an add-on together. */
const maxConfigVariableBytes = 32_768
const maxTotalVariableBytes = 262_144

/** @param usedBytes bytes of the variables before this one */
export function variableProblem(name: string, value: string, usedBytes: number): Problem | undefined {
  if (!variableName.test(name)) {
    return {
      problem: 'its name has other characters than letters, digits and "_"',
      remedy: 'Rename it, or set it with the input "smoke-run-args", as in "--env some.name=value".',
    }
  }
  if (value.includes('\0')) {
    return { problem: 'it has a NUL character, which no variable can hold', remedy: 'Remove the character.' }
  }
  const bytes = variableBytes(name, value)
  if (bytes > maxConfigVariableBytes) {
    const remedy = 'Shorten it, or set it with the input "smoke-env".'
    return { problem: `it is longer than ${maxConfigVariableBytes} bytes`, remedy }
  }
  return usedBytes + bytes > maxTotalVariableBytes
    ? { problem: `all variables together are longer than ${maxTotalVariableBytes} bytes`, remedy: 'Remove some.' }
    : undefined
}

/** Docker splits the value of `--device` at colons, so a path must not have one. `.` and `..` are not allowed in the path. */
export const isDevicePath = (path: string): boolean =>
  path.length <= 255 && /^\/dev(\/[\w.+@=-]+)+$/.test(path) && !/\/\.{1,2}(\/|$)/.test(path)

/** Types of `map`, and where each is mounted. Source: Supervisor docker/const.py and docker/app.py, mounts. */
export const mappedFolders: ReadonlyMap<string, string> = new Map([
  ['data', '/data'],
  ['config', '/config'],
  ['homeassistant_config', '/homeassistant'],
  ['addon_config', '/config'],
  ['app_config', '/config'],
  ['all_addon_configs', '/addon_configs'],
  ['all_app_configs', '/app_configs'],
  ['ssl', '/ssl'],
  ['addons', '/addons'],
  ['local_apps', '/local_apps'],
  ['backup', '/backup'],
  ['share', '/share'],
  ['media', '/media'],
])

/** Folders of the kernel: a volume there would break the container, or docker refuses it. */
const kernelFolder = /^\/(proc|sys|dev)(\/|$)/

/** Checks `path` of an entry in `map`: the path in the container at which the folder is mounted. */
export function mountPathProblem(path: string): Problem | undefined {
  const remedy = 'Write an absolute path as in "/data/share".'
  if (path.length > 255 || !/^(\/[^/:\p{C}\p{Zl}\p{Zp}]+)+\/?$/u.test(path)) {
    return { problem: 'is not an absolute path without ":" and control characters', remedy }
  }
  if (/\/\.{1,2}(\/|$)/.test(path)) return { problem: 'has "." or ".." in it', remedy }
  return kernelFolder.test(path) ? { problem: 'belongs to the kernel', remedy } : undefined
}

const noMaximum = Number.MAX_SAFE_INTEGER
/** Limits of docker and their largest values; -1 (no limit) is possible for the largest. Source: docker/go-units ulimit.go, getrlimit(2). */
const ulimits: ReadonlyMap<string, number> = new Map([
  ['core', noMaximum],
  ['cpu', noMaximum],
  ['data', noMaximum],
  ['fsize', noMaximum],
  ['locks', noMaximum],
  ['memlock', noMaximum],
  ['msgqueue', noMaximum],
  ['nice', 40],
  ['nofile', 1_048_576],
  ['nproc', noMaximum],
  ['rss', noMaximum],
  ['rtprio', 99],
  ['rttime', noMaximum],
  ['sigpending', noMaximum],
  ['stack', noMaximum],
])

/** @param value `SOFT` or `SOFT:HARD` */
export function ulimitProblem(name: string, value: string): Problem | undefined {
  const largest = ulimits.get(name)
  if (largest === undefined) {
    return { problem: 'Docker has no limit of that name', remedy: `Use one of: ${[...ulimits.keys()].join(', ')}.` }
  }
  const [soft = 0, hard = soft] = value.split(':').map((text) => {
    if (text === '-1' && largest === noMaximum) return Number.POSITIVE_INFINITY
    return /^\d{1,16}$/.test(text) && Number(text) <= largest ? Number(text) : Number.NaN
  })
  if (Number.isNaN(soft) || Number.isNaN(hard)) {
    const range = largest === noMaximum ? 'a whole number, or -1 for no limit' : `a whole number from 0 to ${largest}`
    return { problem: `a value is not ${range}`, remedy: `Write ${range}.` }
  }
  return soft <= hard
    ? undefined
    : { problem: 'the soft limit is above the hard one', remedy: 'Make "soft" at most as large as "hard".' }
}
