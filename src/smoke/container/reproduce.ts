import { assignments, flag } from '../../docker/arguments.ts'
import { type ContainerSpec, specArguments } from '../../docker/containers.ts'
import type { Target } from '../../plan/plan.ts'
import { imagePart } from '../../plan/target-names.ts'
import { isPlain } from '../options/merge.ts'
import { quoted, shellLine } from '../shell.ts'

type Redact = (text: string) => string

/**
 * A line for a terminal that starts the same container by hand, in the foreground, from an empty folder. Without our name, labels,
 * networks and volumes, which are gone by then; `/data` is a folder with the options. Secrets are masked, and it runs all the same.
 * @param build makes the image, where it is gone by then
 */
export function reproduce(
  spec: ContainerSpec,
  addonOptions: Readonly<Record<string, unknown>>,
  redact: Redact,
  build?: string,
): string {
  const mounts = (spec.mounts ?? []).map(
    // The folder of the shell is the only thing in the line that a shell fills in.
    ({ target, readOnly }, index) =>
      `"$PWD"${quoted(`/${index === 0 ? 'data' : `map${target}`}:${target}${readOnly ? ':ro' : ''}`)}`,
  )
  const { network: _network, mounts: _mounts, logOptions: _log, health: _health, ...rest } = spec
  // Docker gives it a name, so that it can be pasted twice.
  const [, , ...args] = specArguments({ ...rest, labels: new Map(), hosts: new Map() })
  const at = args.length - 1 - (spec.command?.length ?? 0)
  // Nobody is at that address by then.
  const lasting = [...(spec.environment ?? [])].filter(([key]) => key !== 'SUPERVISOR_API')
  const environment = lasting.flatMap(([key, value]) => ['--env', `${key}=${redact(value)}`])
  const safe = (part: string): string => quoted(redact(part))
  const run = [
    ...['docker', 'run', '--rm', ...args.slice(0, at).map(safe)],
    ...environment.map(quoted),
    ...mounts.flatMap((mount) => ['--volume', mount]),
    ...args.slice(at).map(safe),
  ].join(' ')
  // Not echo: that of dash takes the backslashes out.
  const options = `printf %s ${quoted(JSON.stringify(redactAll(addonOptions, redact)))} > data/options.json`
  return shellLine([...(build === undefined ? [] : [build]), 'cd "$(mktemp -d)"', 'mkdir data', options, run])
}

/** Before they become JSON, which writes a quotation mark in a secret differently. */
export function redactAll(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((one) => redactAll(one, redact))
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redactAll(one, redact)]))
}

/** What an image is called that a person builds to try it. */
export const handName = ({ addon, architecture }: Pick<Target, 'addon' | 'architecture'>): string =>
  `smoke/${imagePart(addon)}:${architecture}`

/** A folder, which docker must take neither for a flag nor for the address of a repository. */
const localPath = (path: string): string => (/^(\.|\w[\w-]*(\/[\w.-]+)*)$/.test(path) ? path : `./${path}`)

/** The build of a target by hand, from the root of the checkout. */
export const buildLine = (target: Target, redact: Redact): string =>
  [
    ...['docker', 'buildx', 'build', '--load'],
    ...flag('--platform', target.platform),
    ...flag('--file', target.dockerfile),
    ...flag('--target', target.stage),
    ...flag('--build-arg', assignments(target.buildArguments)),
    ...flag('--build-context', assignments(target.buildContexts)),
    ...flag('--tag', handName(target)),
    localPath(target.context),
  ]
    .map((part) => quoted(redact(part)))
    .join(' ')
