import { describe, expect, test } from '@jest/globals'
import { declaredPorts, evaluateSockets, readSockets, sockets } from '../../../src/smoke/checks/sockets.ts'
import { checkResult } from '../../../src/smoke/gates.ts'
import { runConfig } from '../../fixtures/target.ts'

const noGates = new Map()

describe('sockets', () => {
  const text = `  sl  local_address rem_address   st
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000
   1: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000
   2: 0B00007F:A0B1 00000000:0000 0A 00000000:00000000 00:00000000
   3: 00000000:1F92 0100007F:0001 01 00000000:00000000 00:00000000
   0: 00000000000000000000000000000000:1FA3 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:1FA4 00000000000000000000000000000000:0000 0A 00000000:00000000`

  test('are those that listen, without Docker’s DNS server', () => {
    expect(readSockets(text)).toEqual([
      { port: 8080, local: false },
      { port: 8081, local: true },
      { port: 8099, local: false },
      { port: 8100, local: true },
    ])
  })

  test.each([
    [[{ port: 80, local: false }], [{ port: 80, by: 'ports' }], [80], 'pass', 'listens on 80'],
    [[], [{ port: 80, by: 'ports' }], [], 'warn', 'nothing listens on 80 (ports); listens on no port'],
    [
      [{ port: 80, local: true }],
      [{ port: 80, by: 'ports' }],
      [],
      'warn',
      '80 (ports) listens on the loopback address only and cannot be reached; listens on no port',
    ],
    [
      [{ port: 1883, local: false }],
      [
        { port: 1883, by: 'ports' },
        { port: 8883, by: 'ports' },
      ],
      [],
      'pass',
      'nothing listens on 8883 (ports); listens on 1883',
    ],
    [
      [{ port: 1883, local: false }],
      [
        { port: 1883, by: 'ports' },
        { port: 8099, by: 'ingress_port' },
      ],
      [],
      'warn',
      'nothing listens on 8099 (ingress_port); listens on 1883',
    ],
    [
      [
        { port: 80, local: false },
        { port: 81, local: true },
      ],
      [
        { port: 80, by: 'ports' },
        { port: 81, by: 'ports' },
      ],
      [],
      'warn',
      '81 (ports) listens on the loopback address only and cannot be reached; listens on 80',
    ],
    [[{ port: 81, local: false }], [], [80], 'pass', 'listens on 81; 81 not declared; nothing listens on EXPOSE 80'],
  ])('%j against %j and EXPOSE %j is %s', (open, wanted, exposed, status, reason) => {
    expect(checkResult(sockets, evaluateSockets(open, wanted, exposed), noGates)).toMatchObject({ status, reason })
  })

  test('are declared by ingress and by ports that are on', () => {
    const run = runConfig({
      ingress: true,
      ports: new Map([
        ['80/tcp', 8080],
        ['81/tcp', null],
        ['53/udp', 53],
        ['90', 90],
      ]),
    })
    expect(declaredPorts(run, 62_000).map(({ port }) => port)).toEqual([62_000, 80, 90])
  })
})
