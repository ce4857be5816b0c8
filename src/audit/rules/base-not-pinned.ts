import type { SourceLocation } from '../../core/diagnostics.ts'
import { safeLine } from '../../core/text.ts'
import type { Instruction } from '../../dockerfile/instructions.ts'
import type { ResolvedDockerfile } from '../../dockerfile/resolve.ts'
import { mountsOf } from '../../dockerfile/shell.ts'
import type { Rule, Violation } from '../rule.ts'

/** Tags that move by design. */
const moving =
  /^(?:latest|edge|nightly|rolling|stable|beta|dev|main|master|testing|unstable|lts|current|mainline|next|canary)(?:-|$)/

export const baseNotPinned: Rule = {
  id: 'dockerfile/base-not-pinned',
  severity: 'warning',
  reason: 'If the tag of an image moves, the same Dockerfile builds something else without any visible change.',
  source: 'Docker, building best practices: pin base image versions',
  link: 'https://docs.docker.com/build/building/best-practices/#pin-base-image-versions',
  check({ dockerfile, target }) {
    if (!dockerfile) return []
    return dockerfile.stages.flatMap(({ image = '', parent, line, instructions }, index) => [
      ...(parent === undefined ? violations('base image', image, { file: dockerfile.file, line, column: 1 }) : []),
      ...instructions.flatMap((instruction) =>
        imagesOf(instruction, index, dockerfile)
          .filter((name) => !target.buildContexts.has(name))
          .flatMap((name) => violations('image', name, instruction.where)),
      ),
    ])
  },
}

function violations(role: string, image: string, where: SourceLocation): readonly Violation[] {
  const problem = image === '' || image.toLowerCase() === 'scratch' ? undefined : problemOf(image)
  if (problem === undefined) return []
  return [
    {
      message: `The ${role} ${safeLine(image)} ${problem}.`,
      fix: 'Use the tag of a version. For a reproducible build, add the digest: NAME:3.23@sha256:….',
      where,
    },
  ]
}

/** Images that an instruction takes files from with `COPY --from` or `RUN --mount=from=`; not the stages before it. */
function imagesOf(instruction: Instruction, index: number, { stages, value }: ResolvedDockerfile): readonly string[] {
  const mounted = mountsOf(instruction).flatMap((mount) => mount.get('from') ?? [])
  return [...(instruction.flags.get('from') ?? []), ...mounted]
    .map((name) => value(name) ?? '')
    .filter((name) => !/^\d*$/.test(name))
    .filter((name) => !stages.slice(0, index).some((stage) => stage.name?.toLowerCase() === name.toLowerCase()))
}

/** The part of a reference that can change; undefined if it has a version or a digest. */
function problemOf(image: string): string | undefined {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return undefined
  const last = image.slice(image.lastIndexOf('/') + 1)
  const cut = last.indexOf(':')
  if (cut < 0) return 'has no tag, which means "latest"'
  const tag = last.slice(cut + 1)
  return moving.test(tag) ? `has the moving tag "${safeLine(tag)}"` : undefined
}
