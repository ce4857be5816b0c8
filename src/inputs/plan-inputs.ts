import { parseArchitecture } from '../core/architecture.ts'
import { notice } from '../core/diagnostics.ts'
import { quoted } from '../core/parsed.ts'
import { variableName } from '../core/variables.ts'
import type { LegacyArguments } from './legacy-args.ts'
import { inOrder } from './lists.ts'
import { modes, type PlanOptions } from './options.ts'
import { type InputReader, sliceOf } from './reader.ts'
import { checkTemplate, imagePlaceholders, scopePlaceholders } from './template.ts'
import { architecture, channelName, plainName, runner, tagTemplate, versionText } from './values.ts'

const word = /^[^\s=]+$/

/** The names and contents of the images; those of `PlanOptions` that no other slice reads. */
export function planInputs(
  read: InputReader,
  legacy: LegacyArguments | undefined,
): Omit<PlanOptions, 'buildContexts' | 'legacy' | 'push'> {
  const image = (name: string) => checkTemplate(name, imagePlaceholders)
  const wanted = read.items('architectures', 'unknown-architecture', architecture)
  const ofList = imagePlaceholders.filter((one) => one !== 'arch')
  const images = isImageOfBuilder(read, legacy) ? undefined : read.lines('image', 'bad-template', image)
  const lists = multiArchImages(read, ofList)
  return sliceOf<Omit<PlanOptions, 'buildContexts' | 'legacy' | 'push'>>({
    mode: read.choice('mode', modes, 'run'),
    architectures: wanted ? inOrder(wanted) : legacy?.architectures,
    image: images?.[0],
    otherImages: images?.slice(1) ?? [],
    multiArchImage: lists === false ? false : lists?.[0],
    otherMultiArchImages: (lists || []).slice(1),
    version: read.one('version', 'bad-version', versionText) ?? legacy?.version,
    tags: read.items('tags', 'bad-template', tagTemplate),
    channel: read.one('channel', 'bad-name', channelName),
    stage: read.one('stage', 'bad-name', plainName),
    buildArguments: read.assignments('build-args', variableName),
    labels: read.assignments('labels', word),
    annotations: read.assignments('annotations', word),
    runners: new Map(read.lines('runners', 'bad-runner', runner) ?? []),
    cacheScope: read.one('cache-scope', 'bad-template', (scope) => checkTemplate(scope, scopePlaceholders)),
  })
}

/** `false`, or one name per line. Undefined: not given. */
function multiArchImages(read: InputReader, placeholders: readonly string[]): readonly string[] | false | undefined {
  if (/^false$/i.test(read.text('multi-arch-image') ?? '')) return false
  return read.lines('multi-arch-image', 'bad-template', (name) => checkTemplate(name, placeholders))
}

/**
 * With `args`, whether `image` still has the value for the retired action: an architecture or name of the builder's own image. It had no effect on
 * the names of images, so it is ignored with a notice.
 */
function isImageOfBuilder(read: InputReader, legacy: LegacyArguments | undefined): boolean {
  const text = read.text('image')
  if (legacy === undefined || text === undefined) return false
  const [, name = text] = /^(?:(?:ghcr\.io\/)?home-?assistant\/)?([a-z0-9]+)-builder(?::[\w.-]+)?$/.exec(text) ?? []
  if (parseArchitecture(name) === undefined) return false
  const problem = `Input "image": ${quoted(text)} selected the image of home-assistant/builder itself and no longer has an effect.`
  const remedy = 'Remove it. The name of the add-on\'s image comes from config.yaml and "args".'
  read.diagnostics.push(notice('args/image-ignored', problem, remedy))
  return true
}
