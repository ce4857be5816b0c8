import type { Architecture } from '../core/architecture.ts'
import type { automaticNames } from '../core/variables.ts'
import type { AddonContext } from './context.ts'
import { filled, timestampOf, withText } from './labels.ts'

/**
 * Automatic ones, then `args` of build.yaml, then the input's. An unknown one is not set: an empty value would hide the default in the Dockerfile.
 * @param base `{arch}` and `{version}` are replaced in it.
 */
export function buildArgumentsOf(
  { addon, version, options, event }: AddonContext,
  architecture: Architecture,
  base: string | undefined,
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
    ...withText(automatic),
    // As the retired builder did: QEMU's default CPU is newer than ARMv6.
    ...(options.legacy && architecture === 'armhf' ? [['QEMU_CPU', 'arm1176'] as const] : []),
    ...[...addon.buildArguments].map(fill),
    ...[...options.buildArguments].map(fill),
  ])
}
