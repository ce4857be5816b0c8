import { safeLine } from '../../core/text.ts'
import type { DockerfileModel, Stage, Step } from '../../dockerfile/model.ts'
import { mountsOf } from '../../dockerfile/shell.ts'
import { at, type Remark, type Rule } from '../rule.ts'

/** Tags that move by design. */
const moving =
  /^(?:latest|edge|nightly|rolling|stable|beta|dev|main|master|testing|unstable|lts|current|mainline|next|canary)(?:-|$)/

export const baseNotPinned: Rule = {
  id: 'dockerfile/base-not-pinned',
  severity: 'warning',
  reason: 'The same Dockerfile gives another image tomorrow, and nobody sees why.',
  source: 'Docker, building best practices: pin base image versions',
  link: 'https://docs.docker.com/build/building/best-practices/#pin-base-image-versions',
  check({ dockerfile, target }) {
    if (!dockerfile) return []
    return dockerfile.stages.flatMap((stage) => {
      const { image, parent } = stage
      const own = parent === undefined && image !== undefined ? [remark('base image', image, dockerfile, stage)] : []
      // What is copied out of an image moves with it just the same.
      const others = stage.steps.flatMap((step) =>
        imagesOf(step, stage, dockerfile)
          .filter((name) => !target.buildContexts.has(name))
          .map((name) => remark('image', name, dockerfile, step)),
      )
      return [...own, ...others].flat()
    })
  },
}

function remark(
  what: string,
  image: string,
  dockerfile: DockerfileModel,
  place: { readonly line: number; readonly column?: number },
): readonly Remark[] {
  const problem = image === '' || image.toLowerCase() === 'scratch' ? undefined : problemOf(image)
  if (problem === undefined) return []
  return [
    {
      message: `The ${what} ${safeLine(image)} ${problem}.`,
      fix: 'Name a version, and its digest where every byte matters: NAME:3.23@sha256:….',
      where: at(dockerfile, place),
    },
  ]
}

/** Images that an instruction takes files from: `COPY --from`, `RUN --mount=from=`. Not the stages before it. */
function imagesOf(step: Step, { index }: Stage, { stages, value }: DockerfileModel): readonly string[] {
  const names = [...(step.flags.get('from') ?? []), ...mountsOf(step).flatMap((mount) => mount.get('from') ?? [])]
  return names
    .map((name) => value(name) ?? '')
    .filter((name) => !/^\d*$/.test(name))
    .filter((name) => !stages.slice(0, index).some((stage) => stage.name?.toLowerCase() === name.toLowerCase()))
}

/** Pure: why a reference is not one image for long; undefined when it names a version or a digest. */
function problemOf(image: string): string | undefined {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return undefined
  const last = image.slice(image.lastIndexOf('/') + 1)
  const cut = last.indexOf(':')
  if (cut < 0) return 'has no tag, which means "latest"'
  const tag = last.slice(cut + 1)
  return moving.test(tag) ? `has the tag "${safeLine(tag)}", which moves` : undefined
}
