import type { IncomingHttpHeaders } from 'node:http'
import { isDigest } from '../../src/core/digest.ts'
import { sha256 } from '../../src/core/sha256.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createRegistry, type Registry } from '../../src/registry/client.ts'
import { createExchange } from '../../src/registry/http.ts'
import { parseRepository, type Repository } from '../../src/registry/name.ts'
import type { RegistryOptions } from '../../src/registry/requests.ts'
import { createFaults, type Faults } from '../fakes/faults.ts'
import { type Answer, type Loopback, send, startLoopback } from '../fakes/loopback.ts'
import { receive } from '../fakes/receive.ts'

export interface Seen {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A registry in memory behind real HTTP: what of the distribution protocol a client may ask for. Source: distribution spec, "Endpoints". */
export interface Distribution extends Loopback {
  readonly host: string
  readonly seen: Seen[]
  readonly faults: Faults
  /** `REPOSITORY@DIGEST` */
  readonly blobs: Map<string, Buffer>
  readonly manifests: Map<string, { readonly type: string; readonly bytes: Buffer }>
  /** `REPOSITORY:TAG` → digest */
  readonly tags: Map<string, string>
  /** Answers in place of the registry; undefined: the registry answers. */
  instead: (seen: Seen) => Answer | undefined
  /** Takes a blob of another repository without its bytes. */
  mounts: boolean
}

export async function startDistribution(): Promise<Distribution> {
  const faults = createFaults()
  /** Path → whether bytes of it came: what broke is not continued, as in distribution itself. */
  const uploads = new Map<string, boolean>()
  const server = await startLoopback((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/', headers } = request
      const session = uploads.has(pathOf(url)) ? pathOf(url) : undefined
      const wasTouched = session !== undefined && uploads.get(session)
      if (session !== undefined) uploads.set(session, true)
      const fault = faults.take(method, url, headers['content-length'])
      const body = await receive(fault, request, response, server)
      if (body === undefined) return
      const seen = { method, path: url, headers, body }
      registry.seen.push(seen)
      const answer = fault?.answer ?? registry.instead(seen) ?? (wasTouched ? broken : serve(seen))
      if (fault?.cut === 'before-answer') response.destroy()
      else send(response, { ...answer, ...(method === 'HEAD' && { body: undefined }) }, fault?.cut === 'mid-answer')
    })().catch(() => response.destroy())
  })
  const registry: Distribution = Object.assign(server, {
    host: `127.0.0.1:${server.port}`,
    seen: [],
    faults,
    blobs: new Map(),
    manifests: new Map(),
    tags: new Map(),
    instead: () => undefined,
    mounts: true,
  })

  function serve({ method, path, headers, body }: Seen): Answer {
    const url = new URL(path, 'http://registry')
    const [, repository = '', kind, name = ''] =
      /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags)\/(.*)$/.exec(url.pathname) ?? []
    switch (`${method} ${kind}`) {
      case 'GET tags':
        return { status: 200, body: { tags: tagsOf(repository) } }
      case 'HEAD blobs':
      case 'GET blobs': {
        const found = registry.blobs.get(`${repository}@${name}`)
        return found ? { status: 200, body: found } : refusal(404, 'BLOB_UNKNOWN')
      }
      case 'POST blobs/uploads': {
        const digest = url.searchParams.get('mount')
        const found = registry.mounts && registry.blobs.get(`${url.searchParams.get('from')}@${digest}`)
        if (found) {
          registry.blobs.set(`${repository}@${digest}`, found)
          return { status: 201, headers: { location: `/v2/${repository}/blobs/${digest}` } }
        }
        const location = `/v2/${repository}/blobs/uploads/${uploads.size + 1}`
        uploads.set(location, false)
        return { status: 202, headers: { location, range: '0-0' } }
      }
      case 'PUT blobs/uploads': {
        if (!uploads.has(url.pathname)) return refusal(404, 'BLOB_UPLOAD_UNKNOWN')
        const digest = url.searchParams.get('digest')
        if (sha256(body) !== digest) return refusal(400, 'DIGEST_INVALID')
        registry.blobs.set(`${repository}@${digest}`, body)
        return { status: 201 }
      }
      case 'HEAD manifests':
      case 'GET manifests': {
        const digest = isDigest(name) ? name : registry.tags.get(`${repository}:${name}`)
        const found = registry.manifests.get(`${repository}@${digest}`)
        if (!found) return refusal(404, 'MANIFEST_UNKNOWN')
        return {
          status: 200,
          headers: { 'content-type': found.type, 'docker-content-digest': String(digest) },
          body: found.bytes,
        }
      }
      case 'PUT manifests': {
        const digest = sha256(body)
        if (isDigest(name) && name !== digest) return refusal(400, 'DIGEST_INVALID')
        registry.manifests.set(`${repository}@${digest}`, { type: headers['content-type'] ?? '', bytes: body })
        if (!isDigest(name)) registry.tags.set(`${repository}:${name}`, digest)
        return { status: 201, headers: { 'docker-content-digest': digest } }
      }
      case 'DELETE manifests':
        return registry.tags.delete(`${repository}:${name}`) ? { status: 202 } : refusal(404, 'MANIFEST_UNKNOWN')
      default:
        return refusal(404, 'UNSUPPORTED')
    }
  }
  const tagsOf = (repository: string): readonly string[] =>
    [...registry.tags.keys()]
      .filter((name) => name.startsWith(`${repository}:`))
      .map((name) => name.slice(repository.length + 1))

  return registry
}

const pathOf = (url: string): string => url.split('?')[0] ?? ''

export const refusal = (status: number, code: string, message = 'no'): Answer => ({
  status,
  body: { errors: [{ code, message }] },
})

const broken = refusal(416, 'BLOB_UPLOAD_INVALID')

/** A client as the action makes it, that does not wait long. */
export const openClient = (setting: Partial<RegistryOptions> = {}): Registry =>
  createRegistry({
    exchange: createExchange('test'),
    credentials: async () => undefined,
    clock: systemClock,
    signal: new AbortController().signal,
    firstWaitMs: 1,
    ...setting,
  })

export const addonOf = ({ port }: Loopback, name = 'addon'): Repository =>
  parseRepository(`127.0.0.1:${port}/org/${name}`)

export const lines = ({ seen }: Distribution): readonly string[] => seen.map(({ method, path }) => `${method} ${path}`)
