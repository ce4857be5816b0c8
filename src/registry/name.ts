export interface Repository {
  /** As users write it and as Docker's config knows it: `ghcr.io`, `localhost:5000`, `docker.io`. */
  readonly registry: string
  /** The host of its API. */
  readonly host: string
  /** `org/aarch64-aicleaner`. */
  readonly path: string
}

/** Splits an image name without tag. Source: distribution/reference `splitDockerDomain`: a registry has a dot or a colon, or is `localhost`. */
export function parseRepository(image: string): Repository {
  const [, first = '', rest = ''] = /^([^/]*)\/(.*)$/s.exec(image) ?? []
  const isRegistry = /[.:]/.test(first) || first === 'localhost'
  const registry = isRegistry && first !== 'index.docker.io' ? first : 'docker.io'
  return { registry, host: apiHost(registry), path: official(registry, isRegistry ? rest : image) }
}

/** `name:tag`, `name@sha256:…`, `name:tag@sha256:…` or `name`; the digest wins; without both it is `latest`. */
export function parseReference(reference: string): Repository & { readonly reference: string } {
  const [name = '', digest] = reference.split('@')
  const colon = name.lastIndexOf(':')
  const tagged = colon > name.lastIndexOf('/')
  const repository = parseRepository(tagged ? name.slice(0, colon) : name)
  return { ...repository, reference: digest ?? (tagged ? name.slice(colon + 1) : 'latest') }
}

const apiHost = (registry: string): string => (registry === 'docker.io' ? 'registry-1.docker.io' : registry)

const official = (registry: string, path: string): string =>
  registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path

/** Docker uses plain HTTP for loopback addresses and for the registries that the daemon lists as insecure. */
export function schemeOf(host: string, insecure: readonly string[] = []): 'http' | 'https' {
  const name = host.replace(/:\d+$/, '')
  const loopback = name === 'localhost' || name === '[::1]' || /^127(\.\d+){3}$/.test(name)
  return loopback || insecure.includes(host) ? 'http' : 'https'
}
