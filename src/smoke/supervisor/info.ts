import { featureFlags, type RunConfig } from '../../addon/addon.ts'
import type { Architecture } from '../../core/architecture.ts'
import { addonDomain, installedSlug } from '../../core/supervisor.ts'
import type { Services } from '../../inputs/options.ts'
import type { Patterns } from '../options/patterns.ts'
import { ingressPath } from '../readiness/readiness.ts'
import { homeAssistantVersion } from './home-assistant.ts'
import { uiSchema } from './ui-schema.ts'
import { followedSupervisor } from './version.ts'

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
  /** Protection mode. */
  readonly protected: boolean
  /** Address of the add-on in the test network; known after the start. */
  readonly address: string
  /** Address of the Supervisor mock. */
  readonly supervisorAddress: string
}

export type Data = Readonly<Record<string, unknown>>

const supervisorVersion = `${followedSupervisor}.0`
export const dockerVersion = '28.5.2'
const machines: Readonly<Record<Architecture, string>> = {
  amd64: 'qemux86-64',
  aarch64: 'qemuarm-64',
  armv7: 'qemuarm',
  armhf: 'raspberrypi',
  i386: 'qemux86',
}

export const upToDate = (version: string | null): Data => ({
  version,
  version_latest: version,
  update_available: false,
})

const pick = (data: Data, keys: readonly string[]): Data => Object.fromEntries(keys.map((key) => [key, data[key]]))

/** The repositories of every installation. */
export const repositories = [
  {
    slug: 'core',
    name: 'Official apps',
    source: 'core',
    url: 'https://home-assistant.io/addons',
    maintainer: 'Home Assistant',
  },
  { slug: 'local', name: 'Local apps', source: 'local', url: 'https://home-assistant.io/hassio', maintainer: 'you' },
]

const reportedFlags = featureFlags.filter((key) => !['journald', 'legacy', 'realtime'].includes(key))

/** The slug that the add-on has on a device. */
export const slugOf = ({ slug }: AddonUnderTest): string => installedSlug(slug)

/** `GET /addons/self/info`. Source of the fields: Supervisor api/apps.py, info. */
export function addonInfo(addon: AddonUnderTest): Data {
  const { run } = addon
  const entry = run.ingress ? ingressPath(addon.slug) : null
  return {
    ...addonSummary(addon),
    hostname: addon.hostname,
    dns: [`${addon.hostname}.${addonDomain}`],
    long_description: null,
    auto_update: false,
    protected: addon.protected,
    rating: 6,
    boot: run.boot,
    boot_config: 'auto',
    options: addon.options,
    schema: run.schema ? uiSchema(run.schema) : null,
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
    discovery: run.discovery,
    translations: {},
    ip_address: addon.address,
    webui: run.webui ?? null,
    ingress: run.ingress,
    ingress_entry: entry,
    ingress_url: entry && `${entry}/${(run.ingressEntry ?? '').replace(/^\/+/, '')}`,
    ingress_port: run.ingress ? addon.ingressPort : null,
    ingress_panel: false,
    watchdog: false,
    devices: run.devices,
    signed: false,
    system_managed_config_entry: null,
  }
}

export const hostFeatures = ['reboot', 'shutdown', 'services', 'network', 'hostname']

/** `GET /info`. */
export const rootInfo = ({ architecture }: AddonUnderTest): Data => ({
  supervisor: supervisorVersion,
  homeassistant: homeAssistantVersion,
  hassos: null,
  docker: dockerVersion,
  hostname: 'homeassistant',
  operating_system: 'Debian GNU/Linux',
  features: hostFeatures,
  machine: machines[architecture],
  machine_id: '00000000-0000-4000-8000-000000000001',
  arch: architecture,
  state: 'running',
  supported_arch: [architecture],
  supported: true,
  channel: 'stable',
  logging: 'info',
  timezone: 'UTC',
})

export const supervisorInfo = (addon: AddonUnderTest): Data => ({
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
  diagnostics: null,
  auto_update: true,
  detect_blocking_io: false,
  country: null,
  feature_flags: { supervisor_v2_api: false, supervisor_websocket_v2_api: false },
  wait_boot: 5,
  addons: [
    pick(addonSummary(addon), [
      'name',
      'slug',
      'version',
      'version_latest',
      'update_available',
      'state',
      'repository',
      'icon',
    ]),
  ],
  addons_repositories: repositories.map((one) => pick(one, ['name', 'slug'])),
})

export const coreInfo = (addon: AddonUnderTest): Data => ({
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
  duplicate_log_file: false,
})

/** An element of `GET /addons`. */
export const addonSummary = (addon: AddonUnderTest): Data => ({
  name: addon.name,
  slug: slugOf(addon),
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
