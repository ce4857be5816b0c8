import { type Architecture, architectures } from '../../core/architecture.ts'
import { type Diagnostic, error, warning } from '../../core/diagnostics.ts'
import { isReference } from '../../core/image-reference.ts'
import { quoted } from '../../core/parsed.ts'

/** Values of `build_from` that the Supervisor accepts. If one does not match, it ignores the whole file. Source: its validate.py, RE_DOCKER_IMAGE_BUILD. */
const supervisor = /^([a-zA-Z\-.:\d{}]+\/)*?([-\w{}]+)\/([-\w{}]+)(:[.\-\w{}]+)?$/

/** The problem with a value of `build_from`, as written in the file. */
export function checkBaseImage(text: string): Diagnostic | undefined {
  if (text.trim() === '')
    return error('build-yaml/empty-image', 'The base image is empty.', 'Write its name, or remove the line.')
  const shown = quoted(text)
  const from = /^\s*from\s(.*)/is.exec(text)?.[1]?.trim()
  if (from !== undefined) {
    const problem = `${shown} is a line of a Dockerfile, not an image.`
    return error('build-yaml/argument-in-image', problem, `Write "${from}".`)
  }
  if (/^\s*--/.test(text)) {
    const image = text.trim().split(/\s+/).at(-1) ?? ''
    return error(
      'build-yaml/argument-in-image',
      `${shown} contains an option, but FROM does not accept options from an argument.`,
      isReference(image) ? `Write "${image}". The platform is set automatically.` : 'Write only the image name.',
    )
  }
  // Checked with its placeholders replaced.
  const filled = text.replaceAll('{arch}', 'amd64').replaceAll('{version}', '1.0')
  if (filled.endsWith(':')) {
    const problem = `${shown} ends with a colon, but has no tag.`
    return error('build-yaml/no-tag', problem, 'Write the tag after it, or remove the colon.')
  }
  if (/[{}]/.test(filled))
    return error('build-yaml/bad-image', `${shown} has an unknown placeholder.`, 'Use "{arch}" and "{version}".')
  if (!isReference(filled)) {
    return error(
      'build-yaml/bad-image',
      `${shown} is not a valid image name.`,
      filled !== filled.toLowerCase() && isReference(filled.toLowerCase())
        ? 'Write it in lower case.'
        : 'Write for example "ghcr.io/home-assistant/base:3.23".',
    )
  }
  if (supervisor.test(text)) return undefined
  const [reason, remedy] = whyRejected(text)
  const problem = `${shown} ${reason}, so the Supervisor ignores the whole file.`
  return warning('build-yaml/supervisor-rejects', problem, remedy)
}

function whyRejected(text: string): readonly [reason: string, remedy: string] {
  const toDockerfile = 'Move it to the Dockerfile: "ARG BUILD_FROM=…".'
  if (text.includes('@')) return ['has a digest', toDockerfile]
  if (text === 'scratch') return ['has no namespace', 'Write "FROM scratch" in the Dockerfile.']
  if (!text.includes('/')) return ['has no namespace', `Write "docker.io/library/${text}".`]
  return [
    'does not match the pattern of the Supervisor (letters, digits, "-" and "_" in the last part of the name)',
    toDockerfile,
  ]
}

const onDockerHub: Readonly<Partial<Record<Architecture, string>>> = {
  aarch64: 'arm64v8',
  armv7: 'arm32v7',
  armhf: 'arm32v6',
}

/** The architecture in the name of an image, by the conventions of Home Assistant and Docker Hub: `aarch64-base`, `arm64v8/…`. */
export function architectureInName(reference: string): Architecture | undefined {
  const words = new Set<string | undefined>(reference.toLowerCase().match(/[a-z0-9]+/g))
  const [found, ...others] = architectures.filter((one) => words.has(one) || words.has(onDockerHub[one]))
  return others.length === 0 ? found : undefined
}
