import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { createFaults, type Fault, type Faults } from '../faults.ts'
import { type Answer, type LoopbackOptions, send, sleep, startLoopback } from '../loopback.ts'
import { textOf, vanish } from '../receive.ts'
import { type Access, createGate } from './challenge.ts'

export interface RegistryProxyOptions extends LoopbackOptions {
  /** Address of the real registry: `http://127.0.0.1:5000`. */
  readonly target: string
  /** Default: no access control. */
  readonly access?: Access
}

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  /** The request had credentials. */
  readonly authorized: boolean
  /** Value of the `Authorization` header. */
  readonly authorization?: string
  /** Received bytes of the request body. */
  readonly bytes: number
  /** HTTP status of the response; 0 if the connection was cut. */
  readonly status: number
}

export interface RegistryProxy {
  readonly url: string
  /** `localhost:PORT`, for image names. Docker uses plain HTTP for localhost without configuration. */
  readonly host: string
  readonly requests: RecordedRequest[]
  readonly faults: Faults
  vanish(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

const tokenPath = '/fake/token'

/** A proxy in front of a real registry that passes everything on unchanged and adds access control and faults. */
export async function startRegistryProxy(options: RegistryProxyOptions): Promise<RegistryProxy> {
  const target = new URL(options.target)
  const requests: RecordedRequest[] = []
  const faults = createFaults()
  const server = await startLoopback((request, response) => {
    void serve(request, response).catch(() => response.destroy())
  }, options)
  const host = `localhost:${server.port}`
  const gate = options.access && createGate(options.access, () => `http://${host}${tokenPath}`)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request
    const { authorization } = request.headers
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.pause()
    const record = (status: number): void => {
      const given = authorization !== undefined && { authorization }
      requests.push({ method, path: url, authorized: authorization !== undefined, ...given, bytes, status })
    }
    const reply = (answer: Answer): void => {
      record(answer.status)
      // Read the rest of the body: a client that is cut while it sends does not read the response.
      request.resume()
      const headers = { 'docker-distribution-api-version': 'registry/2.0', ...answer.headers }
      send(response, { ...answer, headers, ...(method === 'HEAD' && { body: undefined }) })
    }
    const fault = faults.take(method, url, request.headers['content-length'])
    if (fault?.vanish) {
      record(0)
      return vanish(fault, server)
    }
    if (fault?.delayMs) await sleep(fault.delayMs)
    await fault?.until
    if (fault?.cut === 'at-once') {
      record(0)
      response.destroy()
      return
    }
    if (fault?.answer) return reply(fault.answer)
    if (gate && url.startsWith(`${tokenPath}?`))
      return reply(gate.token(new URL(url, server.url).searchParams, authorization))
    if (gate && url === tokenPath) return reply(gate.token(new URLSearchParams(await textOf(request)), authorization))
    const verdict = gate?.check(method, url, authorization) ?? 'passed'
    if (verdict !== 'passed') {
      const { status, challenge } = verdict
      const code = status === 401 ? 'UNAUTHORIZED' : 'DENIED'
      const message = status === 401 ? 'authentication required' : 'requested access to the resource is denied'
      return reply({
        status,
        ...(challenge !== undefined && { headers: { 'www-authenticate': challenge } }),
        body: { errors: [{ code, message, detail: null }] },
      })
    }
    passOn(request, response, fault, record)
  }

  /** Both bodies are streamed; nothing is buffered. */
  function passOn(
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
    record: (status: number) => void,
  ): void {
    const { authorization: _, ...headers } = request.headers
    const onward = forward({
      hostname: target.hostname,
      port: target.port,
      method: request.method,
      path: request.url,
      // The registry derives upload URLs from it, so uploads go through this proxy.
      headers: { ...headers, host: request.headers.host ?? host },
    })
    let over = false
    const finish = (status: number): void => {
      if (over) return
      over = true
      record(status)
    }
    const cut = (): void => {
      finish(0)
      onward.destroy()
      response.destroy()
    }
    onward.on('error', () => {
      if (over) return
      finish(502)
      if (response.headersSent) response.destroy()
      else
        send(response, {
          status: 502,
          body: { errors: [{ code: 'UNAVAILABLE', message: 'the registry behind the proxy is not there' }] },
        })
    })
    onward.on('response', (answer) => {
      if (fault?.cut === 'before-answer') return cut()
      finish(fault?.cut === 'mid-answer' ? 0 : (answer.statusCode ?? 502))
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      if (fault?.cut !== 'mid-answer') {
        answer.pipe(response)
        answer.on('error', () => response.destroy())
        return
      }
      const half = Math.floor(Number(answer.headers['content-length'] ?? 0) / 2)
      let sent = 0
      answer.on('data', (chunk: Buffer) => {
        const part = chunk.subarray(0, Math.max(0, half - sent))
        sent += part.length
        response.write(part, () => sent >= half && cut())
      })
      answer.on('end', cut)
    })
    // If the client disconnects, abort the forwarded request.
    response.on('close', () => onward.destroy())
    const limit = typeof fault?.cut === 'object' ? fault.cut.afterBytes : undefined
    if (limit !== undefined) {
      let taken = 0
      request.on('data', (chunk: Buffer) => {
        taken += chunk.length
        if (taken >= limit) cut()
      })
    }
    request.pipe(onward)
  }

  return {
    url: `http://${host}`,
    host,
    requests,
    faults,
    vanish: server.vanish,
    comeBack: server.comeBack,
    close: server.close,
  }
}
