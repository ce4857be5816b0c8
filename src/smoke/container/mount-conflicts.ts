import { posix } from 'node:path'
import { type Diagnostic, error } from '../../core/diagnostics.ts'
import { quoted } from '../../core/parsed.ts'
import { trimEndChars } from '../../core/text.ts'
import type { ContainerSpec } from '../../docker/containers.ts'
import type { Options } from '../../inputs/options.ts'
import type { Plan, Target } from '../../plan/plan.ts'
import { foldersOf } from './mapped-folders.ts'

/** Errors for arguments of `smoke-run-args` that mount something where an add-on maps a folder: Docker refuses two mounts at one path. */
export function mountConflicts(
  { addons }: Pick<Plan, 'addons'>,
  { smokeTest, smokeRunArguments }: Pick<Options, 'smokeTest' | 'smokeRunArguments'>,
): readonly Diagnostic[] {
  if (!smokeTest) return []
  const mounted = new Set(mountTargets(smokeRunArguments))
  return addons.flatMap(({ slug, targets: [target] }) =>
    (target ? pathsOf(target) : [])
      .filter((path) => mounted.has(path))
      .map((path) => {
        const message = `Input "smoke-run-args" mounts something at ${quoted(path)}, where the add-on ${quoted(slug)} has a folder.`
        return error('input/mount-conflict', message, 'Give the files of the folder with "smoke-files".')
      }),
  )
}

const pathsOf = (target: Target): readonly string[] => foldersOf(target, '').map((folder) => normal(folder.target))

/** Does `smoke-run-args`, or a folder of the add-on, mount something at this path? Docker refuses two mounts at one path. */
export const isMounted = (
  { mounts = [], extra = [] }: Pick<ContainerSpec, 'mounts' | 'extra'>,
  path: string,
): boolean => [...mounts.map(({ target }) => normal(target)), ...mountTargets(extra)].includes(path)

/** As Docker compares paths. */
const normal = (path: string): string => trimEndChars(posix.normalize(path), '/') || '/'

/** The paths in the container at which arguments of `docker run` mount something. */
export const mountTargets = (args: readonly string[]): readonly string[] =>
  args.flatMap((arg, index) => {
    const before = args[index - 1] ?? ''
    // `-v` alone has its value in the next argument.
    const [, name = '', value = ''] = /^(--volume|--mount|--tmpfs)=(.*)$/s.exec(arg) ??
      /^(-v)=?(.+)$/s.exec(arg) ?? [arg, before, arg]
    const path = targetOf(name, value)
    return path?.startsWith('/') ? [normal(path)] : []
  })

function targetOf(name: string, value: string): string | undefined {
  switch (name) {
    case '-v':
    case '--volume': {
      const [first, second] = value.split(':', 2)
      return second ?? first
    }
    case '--tmpfs':
      return value.split(':', 1)[0]
    case '--mount':
      return csvFields(value)
        .map((field) => /^\s*(?:target|dst|destination)=(.*)$/is.exec(field)?.[1])
        .findLast((path) => path !== undefined)
    default:
      return undefined
  }
}

/** The fields of a line of CSV, as Docker reads `--mount`: a field in quotation marks may have commas. */
const csvFields = (line: string): readonly string[] =>
  [...line.matchAll(/"((?:[^"]|"")*)"|[^,"]+/g)].map(([field, inQuotes]) => inQuotes?.replaceAll('""', '"') ?? field)
