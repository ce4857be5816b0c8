import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** Maximum bytes of a message, in one frame or in several: a client must not fill the memory. */
const maxMessageBytes = 1024 * 1024

const opcodes = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 }

interface Frame {
  readonly opcode: number
  readonly isLast: boolean
  readonly payload: Buffer
  /** Bytes of the frame, with its header. */
  readonly size: number
}

interface WebSocketConnection {
  send(text: string): void
  end(): void
}

/** Pure: the first frame of a buffer; undefined if it is not complete yet, a code to close with if it is not valid. Source: RFC 6455, 5.2. */
export function parseFrame(buffer: Buffer): Frame | number | undefined {
  if (buffer.length < 2) return undefined
  const [first = 0, second = 0] = buffer
  const opcode = first & 0x0f
  // No extension was agreed on, and a client always masks.
  if ((first & 0x70) !== 0 || (second & 0x80) === 0) return 1002
  const short = second & 0x7f
  const isLast = (first & 0x80) !== 0
  if (opcode >= 8 && (short > 125 || !isLast)) return 1002
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
  const start = 2 + lengthBytes + 4
  if (buffer.length < start) return undefined
  const length =
    lengthBytes === 0 ? short : lengthBytes === 2 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2))
  if (length > maxMessageBytes) return 1009
  if (buffer.length < start + length) return undefined
  const mask = buffer.subarray(start - 4, start)
  const payload = Buffer.from(buffer.subarray(start, start + length))
  for (let index = 0; index < payload.length; index += 1) {
    payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0)
  }
  return { opcode, isLast, payload, size: start + length }
}

/** Pure: a frame of a server, which is not masked. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload
  const header = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10)
  header[0] = 0x80 | opcode
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127
  if (header.length === 4) header.writeUInt16BE(length, 2)
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([header, payload])
}

/**
 * Accepts a WebSocket: the server side of RFC 6455 without extensions, for text only.
 * @param open is called once it is open, and returns what takes the text of each message
 */
export function acceptWebSocket(
  incoming: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  open: (connection: WebSocketConnection) => (text: string) => void,
): void {
  socket.on('error', () => socket.destroy())
  const key = incoming.headers['sec-websocket-key']
  if (!key || !/^websocket$/i.test(incoming.headers.upgrade ?? '')) {
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    return
  }
  // Source of the constant: RFC 6455, 1.3.
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  )
  const close = (code: number): void => {
    const status = Buffer.alloc(2)
    status.writeUInt16BE(code)
    socket.end(frameOf(opcodes.close, status))
  }
  const onText = open({
    send: (text) => {
      if (socket.writable) socket.write(frameOf(opcodes.text, Buffer.from(text)))
    },
    end: () => close(1000),
  })
  let [received, message, isMessage] = [Buffer.alloc(0), Buffer.alloc(0), false]

  function handle({ opcode, isLast, payload }: Frame): void {
    if (opcode === opcodes.close) close(1000)
    else if (opcode === opcodes.ping) socket.write(frameOf(opcodes.pong, payload))
    else if (opcode === opcodes.pong) return
    else if (opcode === opcodes.text ? isMessage : opcode !== opcodes.continuation || !isMessage) close(1003)
    else if (message.length + payload.length > maxMessageBytes) close(1009)
    else {
      message = Buffer.concat([message, payload])
      isMessage = !isLast
      if (!isLast) return
      const text = message.toString('utf8')
      message = Buffer.alloc(0)
      onText(text)
    }
  }
  const read = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk])
    while (socket.writable) {
      const frame = parseFrame(received)
      if (frame === undefined) return
      if (typeof frame === 'number') close(frame)
      else {
        received = received.subarray(frame.size)
        handle(frame)
      }
    }
  }
  socket.on('data', read)
  read(head)
}
