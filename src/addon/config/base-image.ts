import { type Architecture, architectures, ociPlatformOf } from '../../core/architecture.ts'
import { isReference } from '../../core/image-reference.ts'

export interface BaseProblem {
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly remedy: string
}

/** What the Supervisor accepts as `build_from`; one value that does not match, and it drops the whole file. Source: its validate.py, RE_DOCKER_IMAGE_BUILD. */
const supervisor = /^([a-zA-Z\-.:\d{}]+\/)*?([-\w{}]+)\/([-\w{}]+)(:[.\-\w{}]+)?$/

/** What is wrong with a value of `build_from`, as it stands in the file. */
export function checkBaseImage(text: string): BaseProblem | undefined {
  const bad = (code: string, message: string, remedy: string): BaseProblem => ({
    severity: 'error',
    code,
    message,
    remedy,
  })
  const quoted = `"${text.replaceAll(/\p{Cc}+/gu, ' ')}"`
  if (text.trim() === '')
    return bad('build-yaml/empty-image', 'The base image is empty.', 'Write its name, or remove the line.')
  const from = /^\s*from\s(.*)/is.exec(text)
  if (from) {
    return bad(
      'build-yaml/argument-in-image',
      `${quoted} is a line of a Dockerfile, not an image.`,
      `Write "${from[1]?.trim()}".`,
    )
  }
  if (/^\s*--/.test(text)) {
    const image = text.trim().split(/\s+/).at(-1) ?? ''
    return bad(
      'build-yaml/argument-in-image',
      `${quoted} would hand an option to the build, and FROM takes none from an argument.`,
      isReference(image)
        ? `Write "${image}" alone; the platform is set for you.`
        : 'Write the name of the image alone.',
    )
  }
  // Checked as it will be once the placeholders are filled in.
  const filled = text.replaceAll('{arch}', 'amd64').replaceAll('{version}', '1.0')
  if (filled.endsWith(':')) {
    return bad(
      'build-yaml/no-tag',
      `${quoted} ends with a colon, and no tag follows.`,
      'Write the tag after it, or remove the colon.',
    )
  }
  if (/[{}]/.test(filled)) {
    return bad(
      'build-yaml/bad-image',
      `${quoted} has a placeholder that is not known.`,
      'Use "{arch}" and "{version}".',
    )
  }
  if (!isReference(filled)) {
    return bad(
      'build-yaml/bad-image',
      `${quoted} is not the name of an image.`,
      filled !== filled.toLowerCase() && isReference(filled.toLowerCase())
        ? 'Write it in lower case.'
        : 'Write it as in "ghcr.io/home-assistant/base:3.23".',
    )
  }
  if (!supervisor.test(text)) return { severity: 'warning', ...whyRefused(text, quoted) }
  return undefined
}

function whyRefused(text: string, quoted: string): Omit<BaseProblem, 'severity'> {
  const code = 'build-yaml/supervisor-rejects'
  const consequence = 'the Supervisor would drop this whole file'
  if (text.includes('@')) {
    return {
      code,
      message: `${quoted} has a digest: ${consequence}.`,
      remedy: 'Move it to the Dockerfile: "ARG BUILD_FROM=…".',
    }
  }
  if (!text.includes('/')) {
    return {
      code,
      message: `${quoted} has no namespace: ${consequence}.`,
      remedy: text === 'scratch' ? 'Write "FROM scratch" in the Dockerfile.' : `Write "docker.io/library/${text}".`,
    }
  }
  return {
    code,
    message: `${quoted} does not match its pattern (letters, digits, "-" and "_" in the last part of the name): ${consequence}.`,
    remedy: 'Move it to the Dockerfile: "ARG BUILD_FROM=…".',
  }
}

/** The architecture that the name itself says, by the conventions of Home Assistant and Docker Hub: `aarch64-base`, `arm64v8/…`. */
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
  const said = new Set(names.filter(([word]) => words.has(word)).map(([, architecture]) => architecture))
  return said.size === 1 ? [...said][0] : undefined
}
