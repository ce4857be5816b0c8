import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Fault } from './faults.ts'
import { type Loopback, sleep } from './loopback.ts'

/**
 * Applies the part of a fault that precedes processing, and reads the request body.
 * @returns undefined if the fault has cut the connection.
 */
export async function receive(
  fault: Fault | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  server: Loopback,
): Promise<Buffer | undefined> {
  if (fault?.vanish) {
    await vanish(fault, server)
    return undefined
  }
  if (fault?.delayMs) await sleep(fault.delayMs)
  await fault?.until
  if (fault?.cut === 'at-once') {
    response.destroy()
    return undefined
  }
  const limit = typeof fault?.cut === 'object' ? fault.cut.afterBytes : Number.POSITIVE_INFINITY
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request) {
      chunks.push(chunk as Buffer)
      size += (chunk as Buffer).length
      if (size < limit) continue
      response.destroy()
      return undefined
    }
  } catch {
    // The client closed the connection during its request.
    return undefined
  }
  return Buffer.concat(chunks)
}

export async function vanish({ vanish: how }: Fault, server: Loopback): Promise<void> {
  await server.vanish()
  if (typeof how === 'object') setTimeout(() => void server.comeBack(), how.forMs).unref()
}

export async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
