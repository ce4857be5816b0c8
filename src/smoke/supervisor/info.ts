import { featureFlags, type RunConfig } from '../../addon/addon.ts'
import type { Architecture } from '../../core/architecture.ts'
import type { Services } from '../../inputs/options.ts'
import type { Patterns } from '../options/patterns.ts'
import { ingressPath } from '../readiness/readiness.ts'

/** The add-on under test, as the Supervisor's API describes it. */
export interface AddonUnderTest {
  readonly slug: string
  readonly hostname: string
  readonly name: string
  readonly description: string
  readonly version: string
  readonly url: string
  readonly architecture: Architecture
  readonly options: Readonly<Record<string, unknown>>
  readonly ingressPort: number
  readonly run: RunConfig
  /** Compares values with `match(…)`. Absent if the schema has none. */
  readonly patterns?: Patterns
  /** The services that the test provides; all others are unavailable. */
  readonly services: Services
  /** Address of the add-on in the test network; known after the start. */
  readonly address: string
  /** Address of the Supervisor mock. */
  readonly supervisorAddress: string
}

type Data = Readonly<Record<string, unknown>>

const supervisorVersion = '2026.08.0'
export const homeAssistantVersion = '2026.8.0'
const machines: Readonly<Record<Architecture, string>> = {
  amd64: 'qemux86-64',
  aarch64: 'qemuarm-64',
  armv7: 'qemuarm',
  armhf: 'raspberrypi',
  i386: 'qemux86',
}

const upToDate = (version: string | null): Data => ({ version, version_latest: version, update_available: false })

/** Info of the parts of the Supervisor that have their own version. */
const plugin = upToDate('2026.01.0')

const reportedFlags = featureFlags.filter((key) => !['journald', 'legacy', 'realtime'].includes(key))

/** `GET /addons/self/info`. Source of the fields: Supervisor api/addons.py, info. */
export function addonInfo(addon: AddonUnderTest): Data {
  const { run } = addon
  const entry = run.ingress ? ingressPath(addon.slug) : null
  return {
    ...addonSummary(addon),
    hostname: addon.hostname,
    dns: [`${addon.hostname}.local.hass.io`],
    long_description: null,
    auto_update: false,
    protected: true,
    rating: 6,
    boot: 'auto',
    boot_config: 'auto',
    options: addon.options,
    schema: run.schema ? [] : null,
    arch: [addon.architecture],
    machine: [],
    network: run.ports.size > 0 ? Object.fromEntries(run.ports) : null,
    network_description: null,
    host_network: run.hostNetwork,
    privileged: run.privileged,
    full_access: run.fullAccess,
    apparmor: run.apparmor ? 'default' : 'disable',
    changelog: false,
    documentation: false,
    ...Object.fromEntries(reportedFlags.map((key) => [key, run.featureFlags.has(key)])),
    hassio_api: run.hassioApi,
    hassio_role: run.hassioRole,
    homeassistant_api: run.homeassistantApi,
    auth_api: run.authApi,
    audio_input: null,
    audio_output: null,
    startup: run.startup,
    services: run.services,
    discovery: [],
    translations: {},
    ip_address: addon.address,
    webui: run.webui ?? null,
    ingress: run.ingress,
    ingress_entry: entry,
    ingress_url: entry && `${entry}/${(run.ingressEntry ?? '').replace(/^\/+/, '')}`,
    ingress_port: run.ingress ? addon.ingressPort : null,
    ingress_panel: null,
    watchdog: false,
    devices: run.devices,
    signed: false,
    system_managed_config_entry: null,
  }
}

/** `GET /info`. */
export const rootInfo = ({ architecture }: AddonUnderTest): Data => ({
  supervisor: supervisorVersion,
  homeassistant: homeAssistantVersion,
  hassos: null,
  docker: '28.5.2',
  hostname: 'homeassistant',
  operating_system: 'Debian GNU/Linux',
  features: ['reboot', 'shutdown', 'services', 'network', 'hostname'],
  machine: machines[architecture],
  machine_id: null,
  arch: architecture,
  state: 'running',
  supported_arch: [architecture],
  supported: true,
  channel: 'stable',
  logging: 'info',
  timezone: 'UTC',
})

const supervisorInfo = (addon: AddonUnderTest): Data => ({
  ...upToDate(supervisorVersion),
  channel: 'stable',
  arch: addon.architecture,
  supported: true,
  healthy: true,
  ip_address: addon.supervisorAddress,
  timezone: 'UTC',
  logging: 'info',
  debug: false,
  debug_block: false,
  diagnostics: false,
  auto_update: true,
  wait_boot: 5,
  addons: [addonSummary(addon)],
  addons_repositories: [],
})

const coreInfo = (addon: AddonUnderTest): Data => ({
  ...upToDate(homeAssistantVersion),
  machine: machines[addon.architecture],
  ip_address: '172.30.32.1',
  arch: addon.architecture,
  image: 'ghcr.io/home-assistant/qemux86-64-homeassistant',
  boot: true,
  port: 8123,
  ssl: false,
  watchdog: true,
  audio_input: null,
  audio_output: null,
  backups_exclude_database: false,
})

const hostInfo = (): Data => ({
  agent_version: null,
  apparmor_version: '3.1.2',
  chassis: 'vm',
  virtualization: 'kvm',
  cpe: null,
  deployment: 'production',
  disk_free: 20,
  disk_total: 30,
  disk_used: 10,
  disk_life_time: null,
  features: ['reboot', 'shutdown', 'services', 'network', 'hostname'],
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

const networkInfo = (): Data => ({
  interfaces: [
    {
      interface: 'eth0',
      type: 'ethernet',
      enabled: true,
      connected: true,
      primary: true,
      mac: '02:00:00:00:00:02',
      ipv4: {
        method: 'auto',
        address: ['192.0.2.10/24'],
        nameservers: ['192.0.2.1'],
        gateway: '192.0.2.1',
        ready: true,
      },
      ipv6: { method: 'disabled', address: [], nameservers: [], gateway: null, ready: false },
      wifi: null,
      vlan: null,
    },
  ],
  docker: { interface: 'hassio', address: '172.30.32.0/23', gateway: '172.30.32.1', dns: '172.30.32.3' },
  host_internet: true,
  supervisor_internet: true,
})

const addonSummary = (addon: AddonUnderTest): Data => ({
  name: addon.name,
  slug: addon.slug,
  description: addon.description,
  advanced: false,
  stage: 'stable',
  ...upToDate(addon.version),
  available: true,
  detached: false,
  homeassistant: null,
  state: 'started',
  repository: 'local',
  build: false,
  url: addon.url,
  icon: false,
  logo: false,
  system_managed: false,
})

/** Responses with plausible values for less common requests, by path. */
export const infoEndpoints: Readonly<Record<string, (addon: AddonUnderTest) => Data>> = {
  '/supervisor/info': supervisorInfo,
  '/core/info': coreInfo,
  '/homeassistant/info': coreInfo,
  '/host/info': hostInfo,
  '/os/info': () => ({ ...upToDate(null), board: null, boot: null, data_disk: null, boot_slots: {} }),
  '/network/info': networkInfo,
  '/hardware/info': () => ({ devices: [], drives: [] }),
  '/dns/info': () => ({
    ...plugin,
    host: '172.30.32.3',
    servers: [],
    locals: ['dns://192.0.2.1'],
    mdns: true,
    llmnr: true,
    fallback: true,
  }),
  '/audio/info': () => ({
    ...plugin,
    host: '172.30.32.4',
    audio: { card: [], input: [], output: [], application: [] },
  }),
  '/multicast/info': () => plugin,
  '/cli/info': () => plugin,
  '/observer/info': () => ({ ...plugin, host: '172.30.32.6' }),
  '/jobs/info': () => ({ ignore_conditions: [], jobs: [] }),
  '/resolution/info': () => ({ unsupported: [], unhealthy: [], suggestions: [], issues: [], checks: [] }),
  '/store': (addon) => ({ addons: [addonSummary(addon)], repositories: [] }),
  '/store/addons': (addon) => ({ addons: [addonSummary(addon)] }),
  '/addons': (addon) => ({ addons: [addonSummary(addon)] }),
}
