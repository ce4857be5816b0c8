import { type Platform, parseArchitecture, platformOf } from '../core/architecture.ts'
import { isWrong, type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'
import type { BuilderNode } from './options.ts'

const example =
  'Write for example "tcp://builder.example:1234", or with platforms "linux/arm64,linux/arm/v7=ssh://root@arm".'

/**
 * One node per line: an address, or `PLATFORM[,PLATFORM…]=ADDRESS` for a node that builds only those platforms.
 * An address is a URL that buildx accepts, or the name of a Docker context. Platforms are written as for `architectures`.
 */
export function parseEndpoints(text: string): {
  readonly nodes: readonly BuilderNode[]
  readonly problems: readonly { readonly problem: string; readonly remedy: string }[]
} {
  const nodes: BuilderNode[] = []
  const problems: { readonly problem: string; readonly remedy: string }[] = []
  const taken = new Map<Platform, number>()
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const written = raw.trim()
    if (written === '' || written.startsWith('#')) continue
    const line = index + 1
    const node = parseNode(written)
    if (isWrong(node)) {
      problems.push({ problem: `line ${line}: ${node.problem}`, remedy: node.remedy })
      continue
    }
    nodes.push(node.value)
    for (const platform of node.value.platforms) {
      const other = taken.get(platform)
      if (other !== undefined) {
        const problem = `line ${line}: ${platform} is already assigned to the node in line ${other}.`
        problems.push({ problem, remedy: 'Assign each platform to one node.' })
      }
      taken.set(platform, line)
    }
  }
  return { nodes, problems }
}

function parseNode(text: string): Parsed<BuilderNode> {
  // An address may have "=" in its query, so only one before any "://" ends the platforms.
  const [, list, rest] = /^([^=:?]*)=(.*)$/.exec(text) ?? [undefined, undefined, text]
  const platforms: Platform[] = []
  for (const name of list?.split(',') ?? []) {
    const architecture = parseArchitecture(name)
    if (!architecture) return wrong(`${quoted(name.trim())} is not a platform.`, example)
    platforms.push(platformOf(architecture))
  }
  const endpoint = checkAddress((rest ?? '').trim())
  return isWrong(endpoint) ? endpoint : parsed({ endpoint: endpoint.value, platforms: [...new Set(platforms)] })
}

const schemes = ['tcp', 'ssh', 'unix', 'docker-container', 'podman-container', 'kube-pod', 'kubernetes']

/** The address becomes an argument of buildx and ssh, so no part of it may look like an option, not even the user or host of an SSH address. */
function checkAddress(text: string): Parsed<string> {
  if (text === '') return wrong('a node has no address.', example)
  if (/[\s\p{Cc}]/u.test(text)) return wrong(`${quoted(text)} contains spaces.`, example)
  const [, written, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text) ?? []
  const scheme = written?.toLowerCase()
  if (scheme === undefined) {
    return /^[A-Za-z0-9][\w.-]*$/.test(text)
      ? parsed(text)
      : wrong(`${quoted(text)} is neither an address nor the name of a Docker context.`, example)
  }
  if (!schemes.includes(scheme)) {
    return wrong(`${quoted(`${written}://`)} is not a supported scheme.`, `Use ${schemes.join('://, ')}://.`)
  }
  const address = scheme + text.slice(scheme.length)
  if (scheme === 'unix') {
    return rest.startsWith('/') ? parsed(address) : wrong('a socket needs an absolute path.', 'Write "unix:///run/…".')
  }
  if (scheme === 'kubernetes') return parsed(address)
  const authority = /^(?:([^@/]*)@)?(\[[0-9a-f:]+\]|[A-Za-z0-9][\w.-]*)(?::(\d{1,5}))?(\/[^#]*|\?[^#]*)?$/i.exec(rest)
  if (!authority) return wrong(`${quoted(text)} is not an address.`, example)
  const [, user, , port] = authority
  if (user?.includes(':')) return wrong('an address must not contain a password.', 'Use a key: "ssh://root@arm".')
  if (user !== undefined && !/^[A-Za-z0-9_][\w.-]*$/.test(user)) {
    return wrong(`${quoted(user)} is not a valid user name.`, example)
  }
  if (scheme === 'tcp' && port === undefined) {
    return wrong(`${quoted(text)} has no port.`, 'Write "tcp://HOST:PORT"; BuildKit usually listens on 1234.')
  }
  return Number(port ?? 1) > 65_535 || Number(port ?? 1) < 1
    ? wrong(`${quoted(port ?? '')} is not a port.`, 'Use 1 to 65535.')
    : parsed(address)
}
