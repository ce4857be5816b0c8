/** A repository of packages, from sources.list(5). */
export interface Source {
  readonly uri: string
  readonly suites: readonly string[]
  readonly components: readonly string[]
  readonly signedBy?: string
}

/** Pure: reads both styles of sources: one line each (`.list`), and deb822 stanzas (`.sources`). Only binary packages. */
export function readSources(text: string): readonly Source[] {
  return /^Types:/im.test(text) ? readStanzas(text) : readLines(text)
}

function readLines(text: string): readonly Source[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[(?<options>[^\]]*)\]\s+)?(?<uri>\S+)\s+(?<suite>\S+)(?<components>[^#]*)/.exec(line)
    const { options = '', uri, suite, components = '' } = match?.groups ?? {}
    if (uri === undefined || suite === undefined) return []
    const signedBy = /signed-by=(\S+)/.exec(options)?.[1]
    return [
      {
        uri,
        suites: [suite],
        components: components.trim().split(/\s+/).filter(Boolean),
        ...(signedBy !== undefined && { signedBy }),
      },
    ]
  })
}

function readStanzas(text: string): readonly Source[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(stanza)?.[1]?.trim()
    const words = (name: string) => field(name)?.split(/\s+/).filter(Boolean) ?? []
    if (!words('Types').includes('deb') || field('Enabled')?.toLowerCase() === 'no') return []
    const signedBy = field('Signed-By')
    return words('URIs').map((uri) => ({
      uri,
      suites: words('Suites'),
      components: words('Components'),
      ...(signedBy?.startsWith('/') && { signedBy }),
    }))
  })
}

/** The repository of the release itself, not of its updates or of third-party packages. Pure. */
export const findMirror = (sources: readonly Source[], codename: string): Source | undefined =>
  sources.find((source) => source.suites.includes(codename) && source.components.includes('main'))
