import { createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, describe, expect, test } from '@jest/globals'
import { codeOfConnection, describeConnection } from '../../src/registry/connection.ts'
import { RegistryError } from '../../src/registry/error.ts'
import { addressOf, createExchange, discard, locationOf, readBody } from '../../src/registry/http.ts'
import { type Loopback, startLoopback } from '../fakes/loopback.ts'
import { openClient } from './distribution.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A server that speaks TCP and no HTTP of its own. */
async function startRaw(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return (server.address() as { port: number }).port
}

async function start(...given: Parameters<typeof startLoopback>): Promise<Loopback> {
  const server = await startLoopback(...given)
  closing.push(() => server.close())
  return server
}

const rejection = (work: Promise<unknown>): Promise<RegistryError> =>
  work.then(
    () => Promise.reject(new Error('it did not reject')),
    (thrown) => thrown,
  )

describe('a connection that fails', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['is closed at once', (socket) => socket.destroy()],
    ['is closed after the request', (socket) => socket.once('data', () => socket.destroy())],
    ['is answered in another protocol', (socket) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n')],
    ['is answered with bytes', (socket) => socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46]))],
    ['is answered with half a head', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-len')],
    [
      'is answered with two lengths',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'),
    ],
  ])('since it %s: says to which host, of which request, and is tried again', async (_, serve) => {
    let connections = 0
    const port = await startRaw((socket) => {
      connections += 1
      serve(socket)
    })
    const thrown = await rejection(
      openClient().manifest({ registry: 'r', host: `127.0.0.1:${port}`, path: 'org/addon' }, '1.0'),
    )
    expect(thrown).toBeInstanceOf(RegistryError)
    expect(thrown.message).toMatch(new RegExp(`^The connection to 127\\.0\\.0\\.1:${port} failed \\(GET\\): .+\\.$`))
    expect([thrown.code, connections]).toEqual(['CONNECTION_FAILED', 5])
  })

  test('in the middle of an answer says so, and is tried again', async () => {
    let connections = 0
    const port = await startRaw((socket) => {
      connections += 1
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"tags":'))
    })
    const thrown = await rejection(
      openClient().listTags({ registry: 'r', host: `127.0.0.1:${port}`, path: 'org/addon' }),
    )
    expect(thrown).toBeInstanceOf(RegistryError)
    expect(thrown.message).toMatch(/^The connection broke during the response: /)
    expect([thrown.code, connections]).toEqual(['CONNECTION_FAILED', 5])
  })

  test.each([
    [
      Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND' }),
      /^getaddrinfo ENOTFOUND x\. Check the name/,
    ],
    [
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      /^connect ECONNREFUSED\. Check its name and port/,
    ],
    [Object.assign(new Error('wrong version number'), { code: 'EPROTO' }), /plain HTTP.*insecure-registries/],
    ...[
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map(
      (code) => [Object.assign(new Error('self-signed'), { code }), /^self-signed\. .*NODE_EXTRA_CA_CERTS\.$/] as const,
    ),
    [Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), /^socket hang up\.$/],
    [new Error('no response within 120 s.'), /^no response within 120 s\.$/],
    // Node's error for a name with several addresses has no text of its own.
    [
      new AggregateError([new Error('connect ECONNREFUSED ::1'), new Error('connect ECONNREFUSED 127.0.0.1')]),
      /^connect ECONNREFUSED ::1, connect ECONNREFUSED 127\.0\.0\.1\.$/,
    ],
    [Object.assign(new Error(''), { code: 'EPIPE' }), /^EPIPE\.$/],
    [new Error(''), /^it was closed\.$/],
    [undefined, /^undefined\.$/],
  ] as [unknown, RegExp][])('%s has a reason, and a remedy where there is one', (thrown, expected) => {
    expect(describeConnection(thrown)).toMatch(expected)
  })
})

test.each([
  ['ENOTFOUND', 'HOST_NOT_FOUND'],
  ['EAI_AGAIN', 'CONNECTION_FAILED'],
  ['ECONNRESET', 'CONNECTION_FAILED'],
])('a connection that fails with %s has the code %s', (code, expected) => {
  expect(codeOfConnection(Object.assign(new Error(code), { code }))).toBe(expected)
})

describe('a server that is slow', () => {
  test.each<[string, { readonly socketMs: number; readonly answerMs: number }]>([
    ['nothing comes', { socketMs: 50, answerMs: 60_000 }],
    ['no answer comes', { socketMs: 60_000, answerMs: 50 }],
  ])('is given up after the time in which %s', async (_, timeouts) => {
    const server = await start(() => {})
    const exchange = createExchange('test', timeouts)
    const thrown = await rejection(exchange({ method: 'GET', url: server.url }))
    expect(thrown).toBeInstanceOf(RegistryError)
    expect([thrown.code, thrown.message]).toEqual([
      'CONNECTION_FAILED',
      expect.stringMatching(`^The connection to 127.0.0.1:${server.port} failed \\(GET\\): `),
    ])
    if (timeouts.answerMs === 50) expect(thrown.message).toMatch(/no response within 0\.05 s\.$/)
  })

  test('with the head of its answer, byte by byte, is given up as well', async () => {
    const port = await startRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ')
      const timer = setInterval(() => socket.write('x'), 5)
      socket.on('close', () => clearInterval(timer))
    })
    const exchange = createExchange('test', { socketMs: 60_000, answerMs: 100 })
    await expect(exchange({ method: 'GET', url: `http://127.0.0.1:${port}/` })).rejects.toThrow(
      /no response within 0\.1 s/,
    )
  })

  test('has the time for its answer from the end of an upload on', async () => {
    const server = await start((request) => void request.resume())
    let ended = false
    async function* slowly() {
      for (let index = 0; index < 5; index += 1) {
        yield Buffer.from(String(index))
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
      ended = true
    }
    const body = Readable.from(slowly(), { objectMode: false })
    const exchange = createExchange('test', { socketMs: 60_000, answerMs: 20 })
    const thrown = await rejection(
      exchange({ method: 'PUT', url: server.url, headers: { 'content-length': '9' }, body }),
    )
    expect(thrown.message).toMatch(/no response within 0\.02 s/)
    // All of it was sent before the time began, which is shorter than the upload.
    expect(ended).toBe(true)
  })
})

describe('a body that is of no interest', () => {
  const answered = async (bytes: number | undefined) => {
    const server = await start((_, response) => {
      if (bytes !== undefined) response.end(Buffer.alloc(bytes))
      else {
        const more = () => {
          while (response.write(Buffer.alloc(16_384)));
        }
        response.on('drain', more)
        more()
      }
    })
    const response = await createExchange('test')({ method: 'GET', url: server.url })
    const closed = new Promise((resolve) => response.body.once('close', resolve))
    discard(response)
    await closed
    return response.body.complete
  }

  test('is taken in, so that its connection can be used again', async () => {
    expect([await answered(0), await answered(64 * 1024)]).toEqual([true, true])
  })

  test('is cut where it is long or has no end', async () => {
    expect(await answered(undefined)).toBe(false)
  })
})

describe('an address', () => {
  test.each([
    ['http://r.example/x', undefined, 'http://r.example/x'],
    ['https://r.example', undefined, 'https://r.example/'],
    ['/x?y', 'https://r.example/a', 'https://r.example/x?y'],
  ])('%s is taken (from %s)', (url, base, expected) => {
    expect(addressOf(url, base).href).toBe(expected)
  })

  test.each([
    ['', '""'],
    ['x', '"x"'],
    ['ftp://r.example/', '"ftp://r.example/"'],
    ['xhttp://r.example/', '"xhttp://r.example/"'],
    ['httpx://r.example/', '"httpx://r.example/"'],
    ['http://me@r.example/', '"http://***@r.example/"'],
    ['http://:my-password@r.example/', '"http://***@r.example/"'],
    ['http://me:my@password@[', '"http://***@["'],
    ['\u001b[2J\u009b', '"\\u001b[2J\\u009b"'],
    [`http://${'x'.repeat(8_192)}/`, `"http://${'x'.repeat(93)}…"`],
  ])('%j is none, and is quoted short and without a login', (url, said) => {
    expect(() => addressOf(url)).toThrow(
      expect.objectContaining({
        message: `${said} is not an HTTP address, or has a login in it.`,
        code: 'INVALID_RESPONSE',
      }),
    )
  })

  test('may have 8,192 characters: storage signs its addresses', () => {
    const url = `http://r.example/${'x'.repeat(8_192 - 17)}`
    expect(addressOf(url).href).toBe(url)
    expect(() => addressOf(`${url}x`)).toThrow(RegistryError)
  })

  test('does not lead from TLS to plain HTTP', () => {
    expect(locationOf('http://r.example/x', 'http://a.example/')).toBe('http://r.example/x')
    expect(locationOf('https://r.example/x', 'http://a.example/')).toBe('https://r.example/x')
    expect(locationOf('//r.example/x', 'https://a.example/')).toBe('https://r.example/x')
    expect(() => locationOf('http://r.example/x', 'https://a.example/')).toThrow(
      'a.example redirects to r.example, which is without TLS.',
    )
  })
})

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('with %d is followed for GET and HEAD', async (status) => {
    const asked: string[] = []
    const server = await start((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.url === '/') response.writeHead(status, { location: '/there' })
      response.end('x')
    })
    const exchange = createExchange('test')
    const response = await exchange({ method: 'GET', url: server.url })
    expect([response.status, response.redirectedTo, (await readBody(response)).toString()]).toEqual([
      200,
      undefined,
      'x',
    ])
    expect((await exchange({ method: 'HEAD', url: server.url })).status).toBe(200)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const answer = await exchange({ method, url: server.url, headers: { 'content-length': '0' } })
      discard(answer)
      expect(answer.status).toBe(status)
    }
    const alone = await exchange({ method: 'GET', url: server.url, redirects: 'never' })
    discard(alone)
    expect(alone.status).toBe(status)
    expect(asked).toEqual([
      ...['GET /', 'GET /there', 'HEAD /', 'HEAD /there', 'POST /', 'PUT /', 'PATCH /', 'DELETE /', 'GET /'],
    ])
  })

  test.each([300, 304, 306, 200, 404])('is not read into %d', async (status) => {
    const server = await start((_, response) => response.writeHead(status, { location: '/there' }).end())
    const response = await createExchange('test')({ method: 'GET', url: server.url })
    discard(response)
    expect(response.status).toBe(status)
  })

  test('to another origin leaves login and cookies behind, also on the way back', async () => {
    const seen: unknown[] = []
    const other = await start((_, response) => response.writeHead(307, { location: `${server.url}/back` }).end())
    const server = await start((request, response) => {
      const { authorization, cookie, accept } = request.headers
      seen.push([request.url, authorization, cookie, accept])
      if (request.url === '/') response.writeHead(307, { location: other.url })
      response.end()
    })
    const headers = { Authorization: 'Basic x', Cookie: 'a=b', accept: 'y', 'x-authorization': 'z' }
    const response = await createExchange('test')({ method: 'GET', url: `${server.url}/`, headers })
    discard(response)
    expect(seen).toEqual([
      ['/', 'Basic x', 'a=b', 'y'],
      ['/back', undefined, undefined, 'y'],
    ])
    expect(response.redirectedTo).toBeUndefined()
  })

  test('names the origin that answered in its place', async () => {
    const other = await start((_, response) => response.end())
    const server = await start((_, response) => response.writeHead(307, { location: `${other.url}/x` }).end())
    const response = await createExchange('test')({ method: 'GET', url: server.url })
    discard(response)
    expect(response.redirectedTo).toBe(other.url)
  })

  test('is given up after five, with the origin that was asked', async () => {
    let asked = 0
    const server = await start((request, response) => {
      asked += 1
      response.writeHead(302, { location: `${request.url}x` }).end()
    })
    await expect(createExchange('test')({ method: 'GET', url: server.url })).rejects.toMatchObject({
      message: `${server.url} redirects more than 5 times.`,
      code: 'INVALID_RESPONSE',
    })
    expect(asked).toBe(6)
  })
})
