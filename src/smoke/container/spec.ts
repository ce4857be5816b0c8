import { addonDomain, installedSlug } from '../../core/supervisor.ts'
import type { ContainerSpec, Mount } from '../../docker/containers.ts'
import { labelsOf } from '../../docker/labels.ts'
import type { Options } from '../../inputs/options.ts'
import type { Target } from '../../plan/plan.ts'
import type { SmokeContext } from '../context.ts'
import { environmentOf } from './environment.ts'
import { foldersOf } from './mapped-folders.ts'
import { isMounted } from './mount-conflicts.ts'
import { applyPolicy, type DeniedResource, devicesIn } from './policy.ts'

type SpecContext = Pick<SmokeContext, 'target' | 'image' | 'reference' | 'slowness' | 'addonOptions'> & {
  readonly options: Pick<
    Options,
    'smokeEnvironment' | 'smokeOptions' | 'smokePrivileges' | 'smokeProtected' | 'smokeRunArguments'
  >
}

/** What the container of one run needs from the test. */
interface ContainerSettings {
  readonly name: string
  readonly runId: string
  readonly token: string
  readonly dataVolume: string
  readonly network?: string
  /** Host names and their addresses, `supervisor` among them. */
  readonly hosts: ReadonlyMap<string, string>
  /** The address of the API if it is not http://supervisor. */
  readonly supervisorApi?: string
  readonly deadlineMs: number
  /** Does this path exist on the daemon's machine? */
  readonly exists: (path: string) => boolean
}

/** The Supervisor's rule for host names: model.py, hostname. Linux allows 63 characters. */
export const hostnameOf = (slug: string): string => installedSlug(slug).replaceAll('_', '-').toLowerCase().slice(0, 63)

/** Pure: the container that the Supervisor would start, on a machine without Home Assistant. */
export function createSpec(
  { target, image, reference, slowness, addonOptions, options }: SpecContext,
  settings: ContainerSettings,
): { readonly spec: ContainerSpec; readonly denied: readonly DeniedResource[] } {
  const { run } = target
  const { name, runId, token, dataVolume, network, hosts, supervisorApi, deadlineMs, exists } = settings
  const optionDevices = devicesIn(addonOptions, run.schema)
  const { granted, denied } = applyPolicy(run, optionDevices, options, exists)
  const supervisor = new Map([
    ['TZ', 'Etc/UTC'],
    ['SUPERVISOR_TOKEN', token],
    ['HASSIO_TOKEN', token],
    ...(supervisorApi ? [['SUPERVISOR_API', supervisorApi] as const] : []),
  ])
  const environment = environmentOf(run, addonOptions, supervisor, options)
  const extra = options.smokeRunArguments
  const mounts = mountsOf(target, dataVolume, extra)
  const spec: ContainerSpec = {
    ...{ name, image: reference, hosts, environment: environment.variables, mounts },
    ownerVariables: new Set(options.smokeEnvironment.keys()),
    labels: labelsOf(runId),
    // Exactly as in the image config: the classic image store refuses a variant that the config does not name.
    platform: [image.os, image.architecture, image.variant].filter(Boolean).join('/'),
    init: run.init,
    hostname: hostnameOf(target.addon),
    domain: addonDomain,
    dnsSearch: [addonDomain],
    dnsOptions: ['timeout:10'],
    // `docker create --interactive` keeps it open, also without a client that is attached.
    interactive: run.featureFlags.has('stdin'),
    tmpfs: [...(run.tmpfs ? ['/tmp'] : []), '/dev/shm'].filter((path) => !isMounted({ mounts, extra }, path)),
    ...(network && { network }),
    ...granted,
    oomScoreAdjust: 200,
    ...(image.healthcheck && {
      health: {
        intervalMs: slowness > 1 ? 1000 : 500,
        timeoutMs: Math.min(Math.round(image.healthcheck.timeoutMs * slowness), deadlineMs),
        // A success at any time counts, so failures before it must not end the test.
        retries: 1_000_000,
      },
    }),
    // A container that floods its log must not fill the disk.
    logOptions: new Map([
      ['max-size', '20m'],
      ['max-file', '2'],
    ]),
    extra,
  }
  return { spec, denied: [...denied, ...environment.denied] }
}

function mountsOf(target: Target, dataVolume: string, extra: readonly string[]): readonly Mount[] {
  const mounts = foldersOf(target, dataVolume).map(({ type: _type, ...mount }) => mount)
  // Without a sound server. Its configuration is in `createContainerRun`.
  const hasAudio = target.run.featureFlags.has('audio') && !isMounted({ mounts, extra }, '/run/audio')
  return [...mounts, ...(hasAudio ? [{ volume: `${dataVolume}-audio`, target: '/run/audio', readOnly: true }] : [])]
}
