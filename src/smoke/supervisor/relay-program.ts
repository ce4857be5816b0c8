type Http = typeof import('node:http')
type Https = typeof import('node:https')
type Net = typeof import('node:net')
type Readline = typeof import('node:readline')
interface Probe {
  readonly address: string
  readonly kind: string
  readonly port: number
  readonly path: string
  readonly timeoutMs: number
  readonly headers?: Record<string, string>
}
type ProbeResult = { status: number } | { open: true } | { failed: string }

/**
 * Runs inside the relay's container, as text, so it can use only its parameters. Writes each HTTP request to standard output as a line of JSON,
 * responds with the line that arrives on standard input, and probes ports of other containers on request.
 */
function relay(http: Http, https: Https, net: Net, readline: Readline, process: NodeJS.Process): void {
  const waiting = new Map<number, import('node:http').ServerResponse>()
  let last = 0
  const send = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`)

  const runProbe = ({
    address: host,
    kind,
    port,
    path,
    timeoutMs: timeout,
    headers: extraHeaders,
  }: Probe): Promise<ProbeResult> =>
    new Promise((resolve) => {
      const timedOut = new Error(`no response within ${timeout / 1000} s`)
      const failed = (thrown: Error & { code?: string }): void =>
        resolve({ failed: thrown.code === 'ECONNREFUSED' ? 'connection refused' : thrown.message })
      if (kind === 'tcp') {
        const socket = net.connect({ host, port, timeout })
        socket.on('connect', () => {
          socket.destroy()
          resolve({ open: true })
        })
        socket.on('timeout', () => socket.destroy(timedOut))
        socket.on('error', failed)
        return
      }
      const headers = { 'user-agent': 'aicleaner-build', ...extraHeaders }
      const options = { host, port, path, timeout, headers, rejectUnauthorized: false }
      const request = (kind === 'https' ? https : http).request(options, (response) => {
        response.destroy()
        resolve({ status: response.statusCode ?? 0 })
      })
      request.on('timeout', () => request.destroy(timedOut))
      request.on('error', failed)
      request.end()
    })

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
  server.listen(80, '0.0.0.0', () => send({ ready: true }))

  const lines = readline.createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const message = JSON.parse(line)
    if (message.probe) {
      void runProbe(message).then((result) => send({ probe: message.probe, result }))
      return
    }
    const outgoing = waiting.get(message.id)
    waiting.delete(message.id)
    outgoing?.writeHead(message.status, { 'content-type': 'application/json' })
    outgoing?.end(message.text)
  })
  // The process that started the relay has ended.
  lines.on('close', () => process.exit(0))
}

/** For `node --eval`. */
export const relayProgram = (): string =>
  `(${relay})(require('http'),require('https'),require('net'),require('readline'),process)`
