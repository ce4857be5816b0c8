import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from '@jest/globals'
import { startLoopback } from './loopback.ts'

test('a server that returns waits until its port is free', async () => {
  const loopback = await startLoopback((_, response) => response.end('here'))
  await loopback.vanish()
  const other = createServer().listen(loopback.port, '127.0.0.1')
  await once(other, 'listening')
  const back = loopback.comeBack().then(
    () => 'back',
    (thrown) => String(thrown),
  )
  try {
    // By then it has been refused the port.
    await new Promise((resolve) => setImmediate(resolve))
    other.close()
    expect(await back).toBe('back')
    expect(await fetch(loopback.url).then((answer) => answer.text())).toBe('here')
  } finally {
    await loopback.close()
  }
})
