type Http = typeof import('node:http')
type Https = typeof import('node:https')
type Net = typeof import('node:net')
type Readline = typeof import('node:readline')
type Seen = { status: number } | { open: true } | { failed: string }

/**
 * Runs inside the relay's container, as text: it may use nothing but its parameters. Passes each HTTP request on as a line of JSON on
 * standard output, answers it with the line that comes back on standard input, and looks at ports of other containers when it is told to.
 */
function relay(http: Http, https: Https, net: Net, readline: Readline, process: NodeJS.Process): void {
  const waiting = new Map<number, import('node:http').ServerResponse>()
  let last = 0
  const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`)

  const look = (
    host: string,
    kind: string,
    port: number,
    path: string,
    timeout: number,
    given: Record<string, string> | undefined,
  ): Promise<Seen> =>
    new Promise((resolve) => {
      const late = new Error(`no answer within ${timeout / 1000} s`)
      const failed = (thrown: Error & { code?: string }): void =>
        resolve({ failed: thrown.code === 'ECONNREFUSED' ? 'connection refused' : thrown.message })
      if (kind === 'tcp') {
        const socket = net.connect({ host, port, timeout })
        socket.on('connect', () => {
          socket.destroy()
          resolve({ open: true })
        })
        socket.on('timeout', () => socket.destroy(late))
        socket.on('error', failed)
        return
      }
      const headers = { 'user-agent': 'aicleaner-build', ...given }
      const options = { host, port, path, timeout, headers, rejectUnauthorized: false }
      const request = (kind === 'https' ? https : http).request(options, (answer) => {
        answer.destroy()
        resolve({ status: answer.statusCode ?? 0 })
      })
      request.on('timeout', () => request.destroy(late))
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
      say({ id: last, method, path, headers, body, from: incoming.socket.remoteAddress })
    })
  })
  server.listen(80, '0.0.0.0', () => say({ ready: true }))

  const lines = readline.createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const message = JSON.parse(line)
    if (message.probe) {
      const { address, kind, port, path, timeoutMs, probe, headers } = message
      void look(address, kind, port, path, timeoutMs, headers).then((seen) => say({ probe, seen }))
      return
    }
    const outgoing = waiting.get(message.id)
    waiting.delete(message.id)
    outgoing?.writeHead(message.status, { 'content-type': 'application/json' })
    outgoing?.end(message.text)
  })
  // The action has gone, however it went.
  lines.on('close', () => process.exit(0))
}

/** For `node --eval`. */
export const relayProgram = (): string =>
  `(${relay})(require('http'),require('https'),require('net'),require('readline'),process)`
