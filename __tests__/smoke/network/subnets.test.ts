import { describe, expect, test } from '@jest/globals'
import { eventArguments } from '../../../src/smoke/container/observer.ts'
import { readRoutes, routesInto, subnets } from '../../../src/smoke/network/subnets.ts'
import { networkArguments } from '../../../src/smoke/network/test-network.ts'

describe('networks and events', () => {
  test('the first subnet is the Supervisor’s own, and none overlaps another', () => {
    expect(subnets[0]).toMatchObject({ subnet: '172.30.32.0/23', supervisor: '172.30.32.2' })
    expect(new Set(subnets.map(({ subnet }) => subnet)).size).toBe(subnets.length)
    // As many jobs as a large machine runs at once, each with a network.
    expect(subnets.length).toBeGreaterThan(30)
    for (const { subnet, range, first, supervisor } of subnets) {
      const [, network = '', third = ''] = /^(\d+\.\d+)\.(\d+)\.0\/23$/.exec(subnet) ?? []
      expect([range, first, supervisor]).toEqual([
        `${network}.${Number(third) + 1}.0/24`,
        `${network}.${third}.1`,
        `${network}.${third}.2`,
      ])
    }
  })
  test('a subnet that two engines gave away has two routes', () => {
    const route = (device: string) => `${device} 00201EAC 00000000 0001 0 0 0 00FEFFFF 0 0 0\n`
    const [own] = subnets
    if (!own) throw new Error('no subnet')
    const count = (...devices: string[]) => routesInto(own, readRoutes(`Iface\n${devices.map(route).join('')}`))
    expect([count(), count('br-1'), count('br-1', 'br-2')]).toEqual([0, 1, 2])
  })
  test('a subnet is free where this machine has no route into it', () => {
    const header = 'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n'
    const [own] = subnets
    if (!own) throw new Error('no subnet')
    const isFree = (line: string) => routesInto(own, readRoutes(header + line)) === 0
    // The default route; 172.17.0.0/16; 172.30.33.0/24; 172.30.0.0/16; 172.30.34.0/24.
    expect(isFree('eth0 00000000 010200C0 0003 0 0 0 00000000 0 0 0\n')).toBe(true)
    expect(isFree('docker0 000011AC 00000000 0001 0 0 0 0000FFFF 0 0 0\n')).toBe(true)
    expect(isFree('br 00211EAC 00000000 0001 0 0 0 00FFFFFF 0 0 0\n')).toBe(false)
    expect(isFree('vpn 00001EAC 00000000 0001 0 0 0 0000FFFF 0 0 0\n')).toBe(false)
    expect(isFree('br 00221EAC 00000000 0001 0 0 0 00FFFFFF 0 0 0\n')).toBe(true)
    expect(readRoutes('')).toEqual([])
  })
  test('a network carries the label of the run', () => {
    expect(networkArguments('n', 'r', ['--internal'])).toEqual([
      'network',
      'create',
      '--label',
      'aicleaner-build.run=r',
      '--internal',
      'n',
    ])
  })
  test('events are requested from the creation on, by the daemon’s clock', () => {
    expect(eventArguments('id', '2026-01-01T00:00:00Z').slice(0, 3)).toEqual([
      'events',
      '--since',
      '2026-01-01T00:00:00Z',
    ])
    expect(eventArguments('id', undefined)).not.toContain('--since')
  })
})
