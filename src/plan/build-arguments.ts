import type { Addon } from '../addon/addon.ts'
import type { Architecture } from '../core/architecture.ts'
import type { GitHubEvent } from '../core/host.ts'
import type { automaticNames } from '../core/variables.ts'
import type { Options } from '../inputs/options.ts'
import { filled, timestampOf } from './labels.ts'

/** Automatic ones, then `args` of build.yaml, then the input's. What is not known is not set: an empty text would hide the Dockerfile's default. */
export function buildArgumentsOf(
  addon: Addon,
  architecture: Architecture,
  version: string,
  base: string | undefined,
  options: Pick<Options, 'buildArguments' | 'legacy'>,
  event: GitHubEvent,
): ReadonlyMap<string, string> {
  const automatic: Readonly<Record<(typeof automaticNames)[number], string | undefined>> = {
    BUILD_ARCH: architecture,
    BUILD_DATE: timestampOf(event),
    BUILD_DESCRIPTION: addon.description,
    BUILD_FROM: base && filled(base, architecture, version),
    BUILD_NAME: addon.name,
    BUILD_REF: event.sha,
    BUILD_REPOSITORY: event.repository,
    BUILD_VERSION: version,
  }
  const fill = ([name, text]: readonly [string, string]) => [name, filled(text, architecture, version)] as const
  return new Map<string, string>([
    ...Object.entries(automatic).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''),
    // As the retired builder did: QEMU's default CPU is newer than ARMv6.
    ...(options.legacy && architecture === 'armhf' ? [['QEMU_CPU', 'arm1176'] as const] : []),
    ...[...addon.buildArguments].map(fill),
    ...[...options.buildArguments].map(fill),
  ])
}
