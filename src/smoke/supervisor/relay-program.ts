import { probePort } from '../readiness/probe.ts'

type Modules = Parameters<typeof probePort>[1] & { readonly readline: typeof import('node:readline') }

/**
 * Runs inside the relay's container, as text, so it can use only its parameters and globals. Writes each HTTP request to standard output as a
 * line of JSON, responds with the line that arrives on standard input, passes on the bytes of WebSockets, and probes ports of other containers on
 * request.
 */
function relay(modules: Modules, runProbe: typeof probePort): void {
  const { http, readline } = modules
  const waiting = new Map<number, import('node:http').ServerResponse>()
  const sockets = new Map<number, import('node:stream').Duplex>()
  let last = 0
  const send = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`)

  const server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    let size = 0
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= 1048576) chunks.push(chunk)
    })
    incoming.on('end', () => {
      last += 1
      waiting.set(last, outgoing)
      const body = chunks.map((chunk) => chunk.toString('latin1')).join('')
      const { method, url: path, headers } = incoming
      send({ id: last, method, path, headers, body, from: incoming.socket.remoteAddress })
    })
  })
  server.on('upgrade', (incoming, socket, head) => {
    last += 1
    const id = last
    sockets.set(id, socket)
    const { url: path, headers } = incoming
    send({ socket: id, path, headers, from: incoming.socket.remoteAddress, data: head.toString('base64') })
    // One piece at a time, each on request: a client must not fill the memory.
    socket.pause()
    socket.on('data', (chunk: Buffer) => {
      socket.pause()
      send({ socket: id, data: chunk.toString('base64') })
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(id)
      send({ socket: id, closed: true })
    })
  })
  server.listen(80, '0.0.0.0', () => send({ ready: true }))

  const lines = readline.createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const message = JSON.parse(line)
    if (message.probe) {
      void runProbe(message, modules).then((result) => send({ probe: message.probe, result }))
      return
    }
    if (message.socket) {
      const socket = sockets.get(message.socket)
      if (message.data) socket?.write(Buffer.from(message.data, 'base64'))
      if (message.end) socket?.end()
      if (message.more) socket?.resume()
      return
    }
    const outgoing = waiting.get(message.id)
    waiting.delete(message.id)
    outgoing?.writeHead(message.status, { 'content-type': message.contentType })
    outgoing?.end(message.text)
  })
  // The process that started the relay has ended.
  lines.on('close', () => process.exit(0))
}

/** For `node --eval`. */
export const relayProgram = (): string =>
  `(${relay})({http:require('http'),https:require('https'),net:require('net'),readline:require('readline')},${probePort})`
