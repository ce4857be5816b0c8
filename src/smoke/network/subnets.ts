export interface Subnet {
  readonly subnet: string
  /** Containers get their addresses from this range, so that none gets the Supervisor's. */
  readonly range: string
  readonly first: string
  readonly supervisor: string
}

const subnetAt = (network: string, third: number): Subnet => ({
  subnet: `${network}.${third}.0/23`,
  range: `${network}.${third + 1}.0/24`,
  first: `${network}.${third}.1`,
  supervisor: `${network}.${third}.2`,
})

/** The Supervisor's own subnet (Supervisor const.py, DOCKER_NETWORK_MASK), then others in case it is in use. */
export const subnets: readonly Subnet[] = [
  ...[32, 96, 128, 160, 192, 224].map((third) => subnetAt('172.30', third)),
  ...['10.231', '10.232', '10.233', '10.234'].flatMap((network) =>
    [32, 64, 96, 128, 160, 192, 224].map((third) => subnetAt(network, third)),
  ),
]

/** First and last address, as numbers. */
export type Range = readonly [first: number, last: number]

/**
 * Pure: the networks that this machine has a route to, from the text of /proc/net/route (hexadecimal addresses in the byte order of the machine).
 * Without the default route and routes to a single address.
 */
export const readRoutes = (text: string): readonly Range[] =>
  text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, destination, , , , , , mask] = line.trim().split(/\s+/)
      if (!destination || !mask || mask === '00000000' || mask === 'FFFFFFFF') return []
      const first = swapped(destination)
      return [[first, first + (2 ** 32 - 1 - swapped(mask))] as const]
    })

const swapped = (hex: string): number => Buffer.from(hex, 'hex').reverse().readUInt32BE(0)

/**
 * Pure: how many of the routes lead into a subnet. None: it is free, also of other networks of this machine, which Docker does not consider.
 * More than one: two engines used it at the same moment.
 */
export function routesInto({ subnet }: Subnet, routes: readonly Range[]): number {
  const [address = '', bits = '32'] = subnet.split('/')
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const last = first + 2 ** (32 - Number(bits)) - 1
  return routes.filter(([from, to]) => to >= first && from <= last).length
}
