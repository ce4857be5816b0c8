import { type Architecture, architectures } from '../../core/architecture.ts'
import { type Diagnostic, error, type SourceLocation } from '../../core/diagnostics.ts'
import { quoted } from '../../core/parsed.ts'
import { automaticNames } from '../../core/variables.ts'
import { type Base, baseOf, labelsInDockerfile } from '../../dockerfile/base-of.ts'
import { expand } from '../../dockerfile/expand.ts'
import type { Addon } from '../addon.ts'
import type { BuildFile } from '../config/build-file.ts'

/** Always set for a build, so a value in build.yaml was a mistake. It is removed with the file. */
export const alwaysSet: ReadonlySet<string> = new Set(automaticNames)

/** Any version will do for the comparison. */
const version = '1'

/** What determines the build of one architecture, from whichever files. */
interface Effect {
  readonly base: Base
  /** By stage and name. Stages are counted from the last one, because the migration may add stages before the others. */
  readonly buildArguments: ReadonlyMap<string, string>
  readonly labels: ReadonlyMap<string, string>
}

/**
 * Why the move is refused: what each architecture would be built from or with after it, where that differs from what it is built from and with
 * now. Empty: nothing differs.
 * @param after the add-on, read again from the changed files; undefined if they cannot be read.
 * @param problems what reading the changed files found.
 */
export function refusals(
  before: Addon,
  after: Addon | undefined,
  problems: readonly Diagnostic[],
  build: BuildFile,
): readonly Diagnostic[] {
  const start: SourceLocation = { file: build.file, line: 1, column: 1 }
  const refuse = (reason: string, remedy: string, where: SourceLocation = start): Diagnostic =>
    error('migrate/refused', `"${before.folder}" is not changed: ${reason}`, remedy, where)
  if (!after) {
    const detail = problems[0] ? ` (${problems[0].message})` : ''
    const reason = `its files could not be read after the move${detail}.`
    return [refuse(reason, 'Move build.yaml by hand, and report this with the files.')]
  }
  if (after.slug !== before.slug) return [refuse('its slug would change.', 'Write "slug" into config.yaml first.')]
  if (after.image?.value !== before.image?.value) {
    const reason = `its image name would be ${nameOf(after)} instead of ${nameOf(before)}.`
    return [refuse(reason, 'Write "image" into config.yaml by hand, then run this again.', before.image?.where)]
  }
  const [is, was] = [after, before].map(({ architectures: all }) => all.join(', ') || 'unknown')
  if (is !== was) {
    const reason = `its architectures would be ${is} instead of ${was}.`
    return [refuse(reason, 'Write "arch" into config.yaml by hand, then run this again.', before.architecturesWhere)]
  }
  const built = before.architectures.length > 0 ? before.architectures : architectures
  const pairs = built.flatMap((architecture) => {
    const [was, is] = [effectOf(before, architecture), effectOf(after, architecture)]
    return was && is ? [{ architecture, was, is }] : []
  })
  const bases = pairs.filter(({ was, is }) => baseText(was.base) !== baseText(is.base))
  // A difference in one architecture is usually in all of them.
  const values = pairs
    .map((pair) => [...valueRefusals('args', pair, before, refuse), ...valueRefusals('labels', pair, before, refuse)])
    .find((found) => found.length > 0)
  return [
    ...inventedBases(before, bases, build, refuse),
    ...otherBases(before, bases, build, refuse),
    ...(values ?? []),
  ]
}

const nameOf = ({ image }: Addon): string => (image ? quoted(image.value) : 'the default name')

type Refuse = (reason: string, remedy: string, where?: SourceLocation) => Diagnostic

interface Pair {
  readonly architecture: Architecture
  readonly was: Effect
  readonly is: Effect
}

/** Architectures without a base image: a default of BUILD_FROM that results from the base images of the others would give them one. */
function* inventedBases(addon: Addon, all: readonly Pair[], build: BuildFile, refuse: Refuse): Generator<Diagnostic> {
  const invented = all.filter(({ was }) => baseText(was.base) === undefined)
  if (invented.length === 0) return
  const join = (text: (pair: Pair) => string): string => invented.map(text).join(', ')
  const list = join(({ architecture }) => architecture)
  const taken = join(({ architecture, is }) => `${quoted(baseText(is.base) ?? '')} for ${architecture}`)
  const lines = join(({ architecture: one }) => `"${one}: ghcr.io/home-assistant/${one}-base:latest"`)
  const config = addon.files.config?.split('/').at(-1)
  const orRemove = config === undefined ? '' : `, or remove ${list} from "arch" in ${config}`
  yield refuse(
    `"build_from" has no image for ${list}. After the move, the base image would be ${taken}, which no file sets.`,
    `Add the image to "build_from" (the retired builder used ${lines})${orRemove}. Then run this again.`,
    build.basesWhere,
  )
}

/** Architectures that would have another base image: the Dockerfile uses BUILD_FROM in a way for which there is no right default. */
function* otherBases(addon: Addon, all: readonly Pair[], build: BuildFile, refuse: Refuse): Generator<Diagnostic> {
  for (const { architecture, was, is } of all) {
    const [before, after] = [baseText(was.base), baseText(is.base)]
    if (before === undefined) continue
    const dockerfile = addon.dockerfiles.get(architecture) ?? addon.dockerfiles.get('default')
    const from = dockerfile?.stages.find(({ line }) => line === was.base.line)?.from ?? ''
    yield refuse(
      `${architecture} is built on ${quoted(before)} now, but would be built on ${after === undefined ? 'nothing' : quoted(after)}. No default of BUILD_FROM results in the right base image for every architecture in ${quoted(`FROM ${from}`)} (${dockerfile?.file}:${was.base.line}).`,
      'Write the base images into the Dockerfile by hand, for example as a stage for each architecture, and remove "build_from". Then run this again.',
      (build.bases.get(architecture) ?? build.everyBase)?.where ?? build.basesWhere,
    )
  }
}

/** A base image that only BuildKit can resolve is compared as it is written. */
const baseText = (base: Base): string | undefined =>
  'image' in base ? base.image : 'unknown' in base ? base.unknown : undefined

function* valueRefusals(
  kind: 'args' | 'labels',
  { architecture, ...pair }: Pair,
  addon: Addon,
  refuse: Refuse,
): Generator<Diagnostic> {
  const field = kind === 'args' ? 'buildArguments' : 'labels'
  const [was, is] = [pair.was[field], pair.is[field]]
  const shown = (value: string | undefined): string => (value === undefined ? 'not set' : quoted(value))
  for (const key of new Set([...was.keys(), ...is.keys()])) {
    const [before, after] = [was.get(key), is.get(key)]
    if (before === after) continue
    const name = key.slice(key.indexOf(' ') + 1)
    yield refuse(
      `for ${architecture}, ${kind === 'args' ? 'ARG' : 'LABEL'} ${name} is ${shown(before)} now, but would ${after === undefined ? 'not be set' : `be ${shown(after)}`}.`,
      `Write ${name} into the Dockerfile by hand and remove it from "${kind}", then run this again.`,
      addon.locations.get(`${kind}.${name}`),
    )
  }
}

function effectOf(addon: Addon, architecture: Architecture): Effect | undefined {
  const dockerfile = addon.dockerfiles.get(architecture) ?? addon.dockerfiles.get('default')
  if (!dockerfile) return undefined
  const filled = (text: string): string => text.replaceAll('{arch}', architecture).replaceAll('{version}', version)
  const base = addon.buildFrom.get(architecture)
  const given = new Map([
    ['BUILD_ARCH', architecture],
    ['BUILD_VERSION', version],
    ...(base === undefined ? [] : [['BUILD_FROM', filled(base)] as const]),
    ...[...addon.buildArguments].flatMap(([name, value]) =>
      alwaysSet.has(name) ? [] : [[name, filled(value)] as const],
    ),
  ])
  const buildArguments = new Map<string, string>()
  for (const [index, stage] of dockerfile.stages.entries()) {
    const values = new Map<string, string>()
    for (const [name, fallback] of stage.arguments) {
      const text = fallback ?? dockerfile.globalArguments.get(name)
      const value =
        given.get(name) ??
        (text === undefined
          ? undefined
          : (expand(text, (one) => values.get(one) ?? given.get(one), dockerfile.escape) ?? text))
      if (value === undefined) continue
      values.set(name, value)
      if (!alwaysSet.has(name)) buildArguments.set(`${index - dockerfile.stages.length} ${name}`, value)
    }
  }
  const labels = new Map([
    ...labelsInDockerfile(dockerfile, undefined, architecture, given),
    ...[...addon.labels].map(([name, value]) => [name, filled(value)] as const),
  ])
  for (const [name, value] of labels) if (value === '' || ourLabels.has(name)) labels.delete(name)
  return { base: baseOf(dockerfile, undefined, architecture, given), buildArguments, labels }
}

/** Always set by this action, whatever build.yaml has. */
export const ourLabels: ReadonlySet<string> = new Set(['io.hass.version', 'io.hass.arch'])
