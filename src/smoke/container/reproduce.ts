import { isJsonObject } from '../../core/json-fields.ts'
import { quoteForShell, shellLine } from '../../core/shell-words.ts'
import { assignments, flag } from '../../docker/arguments.ts'
import { type ContainerSpec, specArguments } from '../../docker/containers.ts'
import type { Target } from '../../plan/plan.ts'
import { imagePart } from '../../plan/target-names.ts'

type Redact = (text: string) => string

/**
 * A shell command that starts the same container in the foreground, from an empty folder. It has no name, labels, networks and volumes of the
 * test, which no longer exist; `/data` is a folder with the options. Secrets are masked, and the command works nevertheless.
 * @param build the command that builds the image, if the image no longer exists
 */
export function reproduceCommand(
  spec: ContainerSpec,
  addonOptions: Readonly<Record<string, unknown>>,
  redact: Redact,
  build?: string,
): string {
  const mounts = (spec.mounts ?? []).map(
    // The only part of the line that the shell expands.
    ({ target, readOnly }, index) =>
      `"$PWD"${quoteForShell(`/${index === 0 ? 'data' : `map${target}`}:${target}${readOnly ? ':ro' : ''}`)}`,
  )
  const { network: _network, mounts: _mounts, logOptions: _log, health: _health, ...rest } = spec
  // Without a name, so that the command can be run twice.
  const [, , ...args] = specArguments({ ...rest, labels: new Map(), hosts: new Map() })
  const at = args.length - 1 - (spec.command?.length ?? 0)
  // The Supervisor mock no longer exists.
  const variables = [...(spec.environment ?? [])].filter(([key]) => key !== 'SUPERVISOR_API')
  const environment = variables.flatMap(([key, value]) => ['--env', `${key}=${redact(value)}`])
  const safe = (part: string): string => quoteForShell(redact(part))
  const run = [
    ...['docker', 'run', '--rm', ...args.slice(0, at).map(safe)],
    ...environment.map(quoteForShell),
    ...mounts.flatMap((mount) => ['--volume', mount]),
    ...args.slice(at).map(safe),
  ].join(' ')
  // Not echo: in dash it interprets backslashes.
  const options = `printf %s ${quoteForShell(JSON.stringify(redactAll(addonOptions, redact)))} > data/options.json`
  return shellLine([...(build === undefined ? [] : [build]), 'cd "$(mktemp -d)"', 'mkdir data', options, run])
}

/** For options before they become JSON, which escapes quotation marks in a secret. */
export function redactAll(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map((one) => redactAll(one, redact))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redactAll(one, redact)]))
}

/** The tag of an image that a user builds to reproduce a failure. */
export const localTag = ({ addon, architecture }: Pick<Target, 'addon' | 'architecture'>): string =>
  `smoke/${imagePart(addon)}:${architecture}`

/** A folder that docker takes neither for a flag nor for the URL of a repository. */
const localPath = (path: string): string => (/^(\.|\w[\w-]*(\/[\w.-]+)*)$/.test(path) ? path : `./${path}`)

/** The command that builds the image of a target, from the root of the checkout. */
export const buildCommand = (target: Target, redact: Redact): string =>
  [
    ...['docker', 'buildx', 'build', '--load'],
    ...flag('--platform', target.platform),
    ...flag('--file', target.dockerfile),
    ...flag('--target', target.stage),
    ...flag('--build-arg', assignments(target.buildArguments)),
    ...flag('--build-context', assignments(target.buildContexts)),
    ...flag('--tag', localTag(target)),
    localPath(target.context),
  ]
    .map((part) => quoteForShell(redact(part)))
    .join(' ')
