import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { probePort } from '../../../src/smoke/readiness/probe.ts'
import { relayProgram } from '../../../src/smoke/supervisor/relay-program.ts'

test('the relay program uses only its parameters', () => {
  const program = relayProgram()
  expect(() => new Function(program)).not.toThrow()
  expect(program).not.toMatch(/\bimport\b|_swc|exports\./)
})

test('the text of the port probe works without its module', async () => {
  const server = http.createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const probe: typeof probePort = new Function(`return ${probePort}`)()
  const { port } = server.address() as AddressInfo
  const request = { address: '127.0.0.1', port, path: '/', timeoutMs: 1000 }
  expect(await probe({ ...request, kind: 'http' }, { http, https, net })).toEqual({ status: 204 })
  expect(await probe({ ...request, kind: 'tcp' }, { http, https, net })).toEqual({ open: true })
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  expect(await probe({ ...request, kind: 'tcp' }, { http, https, net })).toEqual({ failed: 'connection refused' })
})
