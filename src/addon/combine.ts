import { type Architecture, architectures } from '../core/architecture.ts'
import { trimChars, trimEndChars } from '../core/text.ts'
import type { Dockerfile } from '../dockerfile/dockerfile.ts'
import type { Addon } from './addon.ts'
import type { BuildFile } from './config/build-file.ts'
import type { ConfigFile } from './config/config-file.ts'
import { defaultRun } from './config/run-config.ts'

/** The add-on that the files of a folder describe together. Pure. */
export function combine(
  folder: string,
  config: ConfigFile | undefined,
  build: BuildFile | undefined,
  dockerfiles: ReadonlyMap<Architecture | 'default', Dockerfile>,
): Addon {
  const declared = config?.architectures ?? []
  const built = architectures.filter((one) => build?.bases.has(one))
  const useBuilt = declared.length === 0
  const where = useBuilt ? build?.basesWhere : config?.architecturesWhere
  const slug = config?.slug?.value ?? slugOf(folder)
  const image = build?.image ?? config?.image
  const text = (value: string | undefined) => (value === undefined || value === '' ? undefined : withoutLineEnd(value))
  const description = text(config?.description?.value)
  const url = text(config?.url?.value)
  return {
    folder,
    slug,
    ...(config?.slug && { slugWhere: config.slug.where }),
    name: text(config?.name?.value) ?? slug,
    ...(description !== undefined && { description }),
    ...(config?.version && config.version.value !== '' && { version: config.version }),
    ...(url !== undefined && { url }),
    architectures: useBuilt ? built : declared,
    ...(where && { architecturesWhere: where }),
    buildFrom: new Map(
      architectures.flatMap((one) => {
        const base = build?.bases.get(one) ?? build?.everyBase
        return base ? [[one, base.value.replaceAll('{arch}', one)] as const] : []
      }),
    ),
    ...(build?.basesWhere && { buildFromWhere: build.basesWhere }),
    buildArguments: new Map([...(build?.args ?? [])].map(([name, { value }]) => [name, withoutLineEnd(value)])),
    labels: new Map([...(build?.labels ?? [])].map(([name, { value }]) => [name, withoutLineEnd(value)])),
    locations: new Map([
      ...[...(build?.args ?? [])].map(([name, { where: place }]) => [`args.${name}`, place] as const),
      ...[...(build?.labels ?? [])].map(([name, { where: place }]) => [`labels.${name}`, place] as const),
    ]),
    ...(image && { image }),
    ...(config?.image && { configImage: config.image }),
    dockerfiles,
    run: config?.run ?? defaultRun,
    ...(build?.cosign && { cosign: build.cosign }),
    files: { ...(config && { config: config.file }), ...(build && { build: build.file }) },
  }
}

/** The value of a block scalar (`|`, `>`) ends with an unintended line end. A shell removes all of them, and so did the retired builder. */
const withoutLineEnd = (text: string): string => trimEndChars(text, '\n')

/** The slug if config.yaml has none. Falls back to `addon`. */
function slugOf(folder: string): string {
  const name = folder.split('/').at(-1) ?? ''
  return trimChars(name.toLowerCase().replaceAll(/[^a-z0-9_.-]+/g, '-'), '-.') || 'addon'
}
