import { type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'
import { suggestion } from '../core/suggest.ts'
import type { BaselineChoice, BuildOptions, CacheKind, HttpProbe, PublishOptions, SecretOption } from './options.ts'

/** `kind` or `kind:rest`. */
function head(text: string): readonly [kind: string, rest: string | undefined] {
  const cut = text.indexOf(':')
  return cut < 0 ? [text.trim(), undefined] : [text.slice(0, cut).trim(), text.slice(cut + 1).trim()]
}

/** A kind that takes no value. */
const alone = <K extends string>(kind: K, rest: string | undefined): Parsed<{ readonly kind: K }> =>
  rest === undefined ? parsed({ kind }) : wrong(`"${kind}" does not take a value after a colon.`, `Write "${kind}".`)

/** One line of the input `cache`. */
export function parseCache(text: string): Parsed<CacheKind> {
  const [kind, rest] = head(text)
  if (kind.startsWith('type=')) {
    const remedy = 'Write "gha", "registry:REF", "local:DIR", "inline" or "none".'
    return wrong(`${quoted(text)} is Docker's syntax, which is not supported here.`, remedy)
  }
  if (kind === 'registry') {
    if (rest === '')
      return wrong('"registry:" has no image.', 'Write "registry:ghcr.io/org/cache", or "registry" alone.')
    return parsed(rest === undefined ? { kind } : { kind, reference: rest })
  }
  if (kind === 'local')
    return rest ? parsed({ kind, folder: rest }) : wrong('"local" has no folder.', 'Write "local:DIR".')
  if (kind === 'gha' || kind === 'inline' || kind === 'none') return alone(kind, rest)
  const kinds = ['gha', 'registry', 'local', 'inline', 'none']
  return wrong(`${quoted(text)} is not a kind of cache.`, suggestion(kind, kinds))
}

export function parseBaseline(text: string): Parsed<BaselineChoice> {
  const [kind, rest] = head(text)
  if (kind === 'registry' || kind === 'registry-detail') {
    if (rest === '')
      return wrong(`"${kind}:" has no image.`, `Write "${kind}:ghcr.io/org/name:tag", or "${kind}" alone.`)
    const detail = kind === 'registry-detail' && { detail: true as const }
    return parsed({ kind: 'registry', ...(rest !== undefined && { reference: rest }), ...detail })
  }
  if (kind === 'file') return rest ? parsed({ kind, path: rest }) : wrong('"file" has no path.', 'Write "file:PATH".')
  if (kind === 'auto' || kind === 'cache' || kind === 'none') return alone(kind, rest)
  const kinds = ['auto', 'registry', 'registry-detail', 'cache', 'file', 'none']
  return wrong(`${quoted(text)} is not a baseline.`, suggestion(kind, kinds))
}

/** `8000/api/health`, `8000`, `:8000/`, or a URL of the local host; other URLs are rejected. */
export function parseHttpProbe(text: string): Parsed<HttpProbe> {
  const trimmed = text.trim().replace(/^http:\/\/(localhost|127\.0\.0\.1|\[HOST\])(?=:)/i, '')
  const match = /^:?(\d{1,5})(\/[^\s#]*)?$/.exec(trimmed)
  const port = Number(match?.[1])
  if (!match || port < 1 || port > 65_535) {
    return wrong(
      `${quoted(text)} is not a port with a path.`,
      'Write the port inside the container (1 to 65535) and the path: "8000/api/health".',
    )
  }
  return parsed({ port, path: match[2] ?? '/' })
}

/** `TOKEN=value`, or Docker's `id=TOKEN,env=NAME` and `id=TOKEN,src=FILE`. Messages never contain a value. */
export function parseSecret(line: string): Parsed<SecretOption> {
  const id = /^[A-Za-z0-9_.-]+$/
  const fields = line.split(',').map((field) => field.split('=', 2) as [string, string | undefined])
  const names = fields.map(([name]) => name.trim())
  // `id=abc` alone is a secret with the name "id". With a second known field it is Docker's syntax.
  if (names[0] === 'id' && names.slice(1).some((name) => ['env', 'src', 'source', 'type'].includes(name))) {
    const field = (...wanted: readonly string[]) =>
      fields.find(([name]) => wanted.includes(name.trim()))?.[1]?.trim() || undefined
    const name = field('id')
    const environment = field('env') ?? (field('type') === 'env' ? field('src', 'source') : undefined)
    const file = field('src', 'source')
    if (name === undefined || !id.test(name))
      return wrong('A secret has no valid "id".', 'Write "id=NAME,env=VARIABLE".')
    if (environment !== undefined) return parsed({ id: name, environment })
    if (file !== undefined) return parsed({ id: name, file })
    return wrong(`Secret "${name}" has no source.`, 'Add ",env=VARIABLE" or ",src=FILE".')
  }
  const cut = line.indexOf('=')
  if (cut < 1 || !id.test(line.slice(0, cut))) {
    return wrong('A line is neither "NAME=value" nor "id=NAME,env=VARIABLE".', 'Write one secret per line.')
  }
  return parsed({ id: line.slice(0, cut), value: line.slice(cut + 1) })
}

const keyOf = (reference: string | undefined): Parsed<{ readonly kind: 'key'; readonly reference: string }> =>
  reference ? parsed({ kind: 'key', reference }) : wrong('"key" has no key reference.', 'Write "key:REF".')

export function parseSign(text: string): Parsed<PublishOptions['sign']> {
  const [kind, rest] = head(text)
  if (kind === 'false' && rest === undefined) return parsed(false)
  if ((kind === 'keyless' || kind === 'true') && rest === undefined) return parsed({ kind: 'keyless' })
  if (kind === 'key') return keyOf(rest)
  return wrong(`${quoted(text)} is not a signing method.`, 'Use "false", "keyless" or "key:REF".')
}

/** `auto`, `false`, `keyless:IDENTITY` or `key:REF`. Undefined: as build.yaml says. */
export function parseVerifyBase(text: string): Parsed<PublishOptions['verifyBase']> {
  const [kind, rest] = head(text)
  if (kind === 'auto' && rest === undefined) return parsed(undefined)
  if (kind === 'false' && rest === undefined) return parsed(false)
  if (kind === 'key') return keyOf(rest)
  if (kind === 'keyless') {
    return rest
      ? parsed({ kind, identity: rest })
      : wrong('"keyless" has no identity.', 'Write "keyless:https://github.com/OWNER/REPOSITORY/.*".')
  }
  return wrong(`${quoted(text)} is not a verification method.`, 'Use "auto", "false", "keyless:IDENTITY" or "key:REF".')
}

const levels = { gzip: 9, zstd: 22 } as const

/** `gzip`, `zstd`, `zstd:9`. */
export function parseCompression(text: string): Parsed<NonNullable<BuildOptions['compression']>> {
  const [kind, rest] = head(text)
  if (kind !== 'gzip' && kind !== 'zstd') {
    return wrong(`${quoted(text)} is not a compression.`, 'Use "gzip" or "zstd", optionally with a level: "zstd:9".')
  }
  if (rest === undefined) return parsed({ kind })
  const level = Number(rest)
  return /^\d{1,2}$/.test(rest) && level <= levels[kind]
    ? parsed({ kind, level })
    : wrong(`${quoted(rest)} is not a level of ${kind}.`, `Use 0 to ${levels[kind]}.`)
}

/** `true`, `false`, or Docker's own syntax (`mode=max`), which is passed on unchanged. */
export function parseAttestation(text: string): Parsed<string | false> {
  if (/^false$/i.test(text)) return parsed(false)
  if (/^true$/i.test(text)) return parsed('true')
  return /^[a-z-]+=[^\s]+$/.test(text)
    ? parsed(text)
    : wrong(
        `${quoted(text)} is neither true nor false nor attributes.`,
        'Write "true", "false" or attributes such as "mode=max".',
      )
}
