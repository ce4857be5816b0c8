import { type Loopback, startLoopback } from '../fakes/loopback.ts'

/** The part of a registry that begins and cancels uploads. */
export interface Uploads extends Loopback {
  /** Paths of the uploads that are open. */
  readonly sessions: ReadonlySet<string>
  /** So many were begun. */
  begun(): number
}

export async function startUploads(): Promise<Uploads> {
  const sessions = new Set<string>()
  let count = 0
  const server = await startLoopback((request, response) => {
    const { method, url = '' } = request
    const path = url.split('?')[0] ?? ''
    request.resume()
    if (method === 'POST' && path.endsWith('/blobs/uploads/')) {
      count += 1
      const session = `${path}${count}`
      sessions.add(session)
      response.writeHead(202, { location: session }).end()
    } else if (method === 'DELETE') response.writeHead(sessions.delete(path) ? 204 : 404).end()
    else response.writeHead(404).end()
  })
  return { ...server, sessions, begun: () => count }
}
