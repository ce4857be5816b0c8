import { shorten } from '../../core/text.ts'
import { type Data, dockerVersion, hostFeatures, upToDate } from './info.ts'
import { errorResponse, okResponse } from './response.ts'
import { type Routes, sameFor } from './routes.ts'

/** Info of the parts of the Supervisor that have their own version. */
export const pluginVersion = '2026.01.0'
const plugin = upToDate(pluginVersion)

const hostInfo = (): Data => ({
  agent_version: '1.7.2',
  apparmor_version: '3.1.2',
  chassis: 'vm',
  virtualization: 'kvm',
  cpe: 'cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*',
  deployment: 'production',
  disk_free: 20,
  disk_total: 30,
  disk_used: 10,
  disk_life_time: 1,
  features: hostFeatures,
  hostname: 'homeassistant',
  llmnr_hostname: 'homeassistant',
  kernel: '6.12.0',
  operating_system: 'Debian GNU/Linux',
  timezone: 'UTC',
  dt_utc: '2026-01-01T00:00:00+00:00',
  dt_synchronized: true,
  use_ntp: true,
  startup_time: 10,
  boot_timestamp: 0,
  broadcast_llmnr: true,
  broadcast_mdns: true,
})

const internet = {
  ipv4: {
    method: 'auto',
    address: ['192.0.2.10/24'],
    nameservers: ['192.0.2.1'],
    gateway: '192.0.2.1',
    route_metric: null,
    ready: true,
  },
  ipv6: {
    method: 'auto',
    addr_gen_mode: 'default',
    ip6_privacy: 'default',
    address: ['2001:db8::10/64'],
    nameservers: ['2001:db8::1'],
    gateway: 'fe80::1',
    route_metric: null,
    ready: true,
  },
}

/** The only network interface of the machine. */
const networkInterface = {
  interface: 'eth0',
  type: 'ethernet',
  enabled: true,
  connected: true,
  primary: true,
  mac: '02:00:00:00:00:02',
  ...internet,
  wifi: null,
  vlan: null,
  mdns: 'announce',
  llmnr: 'announce',
}

const networkInfo = (): Data => ({
  interfaces: [networkInterface],
  docker: { interface: 'hassio', address: '172.30.32.0/23', gateway: '172.30.32.1', dns: '172.30.32.3' },
  host_internet: true,
  supervisor_internet: true,
})

export const noUsage = {
  ...{ cpu_percent: 0, memory_usage: 0, memory_limit: 0, memory_percent: 0 },
  ...{ network_rx: 0, network_tx: 0, blk_read: 0, blk_write: 0 },
}

const yellow = { disk_led: true, heartbeat_led: true, power_led: true }
const needsOs = errorResponse(404, 'Home Assistant OS 15.0 or newer required for swap settings')

const constants: Readonly<Record<string, Data>> = {
  '/host/info': hostInfo(),
  '/host/services': { services: [] },
  '/host/disks/{disk}/usage': {
    id: 'root',
    label: 'Root',
    total_bytes: 32_000_000_000,
    used_bytes: 10_000_000_000,
    children: [],
  },
  '/host/logs/boots': { boots: { 0: '00000000000000000000000000000001' } },
  '/host/logs/identifiers': { identifiers: [] },
  '/os/info': {
    ...upToDate(null),
    version_pending: null,
    board: null,
    boot: 'A',
    data_disk: 'none',
    boot_slots: {},
  },
  '/os/datadisk/list': { devices: [], disks: [] },
  '/os/boards/yellow': yellow,
  '/network/info': networkInfo(),
  '/hardware/info': { devices: [], drives: [] },
  '/hardware/audio': { audio: { input: {}, output: {} } },
  '/docker/info': {
    version: dockerVersion,
    enable_ipv6: null,
    mtu: null,
    storage: 'overlay2',
    logging: 'journald',
    registries: {},
  },
  '/docker/registries': { registries: {} },
  '/dns/info': {
    ...plugin,
    host: '172.30.32.3',
    servers: [],
    locals: ['dns://192.0.2.1'],
    mdns: true,
    llmnr: true,
    fallback: true,
  },
  '/audio/info': { ...plugin, host: '172.30.32.4', audio: { card: [], input: [], output: [], application: [] } },
  '/multicast/info': plugin,
  '/cli/info': plugin,
  '/observer/info': { ...plugin, host: '172.30.32.6' },
  ...Object.fromEntries(
    ['audio', 'cli', 'core', 'dns', 'homeassistant', 'multicast', 'observer', 'supervisor'].map((part) => [
      `/${part}/stats`,
      noUsage,
    ]),
  ),
}

/** The machine, its operating system and the plugins of the Supervisor. */
export const machineRoutes: Routes = {
  ...Object.fromEntries(Object.entries(constants).map(([path, data]) => [`GET ${path}`, () => okResponse(data)])),
  'GET /network/interface/{interface}/info': ({ parameters: [name = ''] }) =>
    ['default', networkInterface.interface, networkInterface.mac].includes(name)
      ? okResponse(networkInterface)
      : errorResponse(404, `Interface ${shorten(name, 100)} does not exist`),
  'GET /network/interface/{interface}/accesspoints': ({ parameters: [name = ''] }) =>
    errorResponse(400, `Interface ${shorten(name, 100)} is not a valid wireless card!`),
  'GET /os/boards/{board}': ({ parameters: [name = ''] }) =>
    errorResponse(400, `${shorten(name, 100)} board is not in use`),
  'POST /os/boards/yellow': () => okResponse(),
  ...sameFor('GET', ['/os/boards/green'], () => errorResponse(400, 'Green board is not in use')),
  ...sameFor('POST', ['/os/boards/green'], () => errorResponse(400, 'Green board is not in use')),
  'GET /os/boards/raspberrypi/firmware': () => errorResponse(400, 'raspberrypi board is not in use'),
  'POST /os/boards/raspberrypi/firmware/update': () => errorResponse(400, 'raspberrypi board is not in use'),
  'GET /os/config/swap': () => needsOs,
  'POST /os/config/swap': () => needsOs,
}
