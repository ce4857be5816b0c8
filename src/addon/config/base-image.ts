import { type Architecture, architectures, ociPlatformOf } from '../../core/architecture.ts'
import { isReference } from '../../core/image-reference.ts'
import { quoted } from '../../core/parsed.ts'

interface BaseProblem {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly remedy: string
}

/** Values of `build_from` that the Supervisor accepts. If one does not match, it ignores the whole file. Source: its validate.py, RE_DOCKER_IMAGE_BUILD. */
const supervisor = /^([a-zA-Z\-.:\d{}]+\/)*?([-\w{}]+)\/([-\w{}]+)(:[.\-\w{}]+)?$/

/** The problem with a value of `build_from`, as written in the file. */
export function checkBaseImage(text: string): BaseProblem | undefined {
  const bad = (code: string, message: string, remedy: string): BaseProblem => ({
    severity: 'error',
    code,
    message,
    remedy,
  })
  if (text.trim() === '')
    return bad('build-yaml/empty-image', 'The base image is empty.', 'Write its name, or remove the line.')
  const from = /^\s*from\s(.*)/is.exec(text)
  if (from) {
    return bad(
      'build-yaml/argument-in-image',
      `${quoted(text)} is a line of a Dockerfile, not an image.`,
      `Write "${from[1]?.trim()}".`,
    )
  }
  if (/^\s*--/.test(text)) {
    const image = text.trim().split(/\s+/).at(-1) ?? ''
    return bad(
      'build-yaml/argument-in-image',
      `${quoted(text)} contains an option, but FROM does not accept options from an argument.`,
      isReference(image) ? `Write "${image}". The platform is set automatically.` : 'Write only the image name.',
    )
  }
  // Checked with its placeholders replaced.
  const filled = text.replaceAll('{arch}', 'amd64').replaceAll('{version}', '1.0')
  if (filled.endsWith(':')) {
    return bad(
      'build-yaml/no-tag',
      `${quoted(text)} ends with a colon, but has no tag.`,
      'Write the tag after it, or remove the colon.',
    )
  }
  if (/[{}]/.test(filled)) {
    return bad('build-yaml/bad-image', `${quoted(text)} has an unknown placeholder.`, 'Use "{arch}" and "{version}".')
  }
  if (!isReference(filled)) {
    return bad(
      'build-yaml/bad-image',
      `${quoted(text)} is not a valid image name.`,
      filled !== filled.toLowerCase() && isReference(filled.toLowerCase())
        ? 'Write it in lower case.'
        : 'Write for example "ghcr.io/home-assistant/base:3.23".',
    )
  }
  if (!supervisor.test(text)) return { severity: 'warning', ...whyRejected(text) }
  return undefined
}

function whyRejected(text: string): Omit<BaseProblem, 'severity'> {
  const code = 'build-yaml/supervisor-rejects'
  const consequence = 'so the Supervisor ignores the whole file'
  if (text.includes('@')) {
    return {
      code,
      message: `${quoted(text)} has a digest, ${consequence}.`,
      remedy: 'Move it to the Dockerfile: "ARG BUILD_FROM=…".',
    }
  }
  if (!text.includes('/')) {
    return {
      code,
      message: `${quoted(text)} has no namespace, ${consequence}.`,
      remedy: text === 'scratch' ? 'Write "FROM scratch" in the Dockerfile.' : `Write "docker.io/library/${text}".`,
    }
  }
  return {
    code,
    message: `${quoted(text)} does not match the pattern of the Supervisor (letters, digits, "-" and "_" in the last part of the name), ${consequence}.`,
    remedy: 'Move it to the Dockerfile: "ARG BUILD_FROM=…".',
  }
}

/** The architecture in the name of an image, by the conventions of Home Assistant and Docker Hub: `aarch64-base`, `arm64v8/…`. */
export function architectureInName(reference: string): Architecture | undefined {
  const names: readonly (readonly [string, Architecture])[] = architectures.flatMap((architecture) => {
    const { architecture: oci, variant } = ociPlatformOf(architecture)
    const hub = variant === undefined ? `${oci}v8` : `${oci}32${variant}`
    return [
      [architecture, architecture] as const,
      ...(architecture === 'amd64' || architecture === 'i386' ? [] : [[hub, architecture] as const]),
    ]
  })
  const words = new Set(reference.toLowerCase().split(/[^a-z0-9]+/))
  const found = new Set(names.filter(([word]) => words.has(word)).map(([, architecture]) => architecture))
  return found.size === 1 ? [...found][0] : undefined
}
