import { mappedFolders } from '../../core/run-rules.ts'
import type { ContainerSpec, Mount } from '../../docker/containers.ts'
import { labelsOf } from '../../docker/labels.ts'
import type { Options } from '../../inputs/options.ts'
import type { Target } from '../../plan/plan.ts'
import { environmentOf } from '../environment.ts'
import { applyPolicy, devicesIn, type NotGiven } from '../policy.ts'
import type { ImageFacts } from './image.ts'

/** What the container of a target needs from the surroundings. */
export interface Surroundings {
  readonly name: string
  readonly runId: string
  readonly token: string
  readonly dataVolume: string
  readonly network?: string
  /** Names → addresses, `supervisor` among them. */
  readonly hosts: ReadonlyMap<string, string>
  /** Where the API is when it is not at http://supervisor. */
  readonly supervisorApi?: string
  readonly deadlineMs: number
  /** How many times as long as natively a probe may take: 1 on a machine of its architecture. */
  readonly slowness: number
  /** As they stand in /data/options.json. */
  readonly addonOptions: Readonly<Record<string, unknown>>
  /** A path on the daemon's machine. */
  readonly exists: (path: string) => boolean
}

/** The Supervisor's own host name rule: model.py, hostname. Linux takes no longer one than 63 characters. */
export const hostnameOf = (slug: string): string => slug.replaceAll('_', '-').toLowerCase().slice(0, 63)

/** Pure: the container that the Supervisor would start, on a machine without Home Assistant. */
export function specOf(
  target: Target,
  image: ImageFacts,
  options: Pick<Options, 'smokeEnvironment' | 'smokeOptions' | 'smokePrivileges' | 'smokeRunArguments'>,
  around: Surroundings,
): { readonly spec: ContainerSpec; readonly notGiven: readonly NotGiven[] } {
  const { run } = target
  const optionDevices = devicesIn(around.addonOptions, run.schema)
  const { given, notGiven } = applyPolicy(run, optionDevices, options.smokePrivileges, around.exists)
  const { environment, ownerVariables, ...variables } = environmentOf({
    run,
    addonOptions: around.addonOptions,
    own: new Map([
      ['TZ', 'UTC'],
      ['SUPERVISOR_TOKEN', around.token],
      ['HASSIO_TOKEN', around.token],
      ...(around.supervisorApi ? [['SUPERVISOR_API', around.supervisorApi] as const] : []),
    ]),
    options,
  })
  const mounts = mountsOf(target, around.dataVolume)
  const spec: ContainerSpec = {
    name: around.name,
    image: image.id,
    labels: labelsOf(around.runId),
    // As the image says it: the classic store refuses a variant that the config does not name.
    platform: [image.os, image.architecture, image.variant].filter(Boolean).join('/'),
    init: run.init,
    hostname: hostnameOf(target.addon),
    environment,
    ownerVariables,
    mounts,
    // Docker refuses two mounts at one path.
    tmpfs: [...(run.tmpfs && !mounts.some((mount) => mount.target === '/tmp') ? ['/tmp'] : []), '/dev/shm'],
    ...(around.network && { network: around.network }),
    hosts: around.hosts,
    ...given,
    oomScoreAdjust: 200,
    ...(image.healthcheck && {
      health: {
        intervalMs: 1000,
        timeoutMs: Math.min(Math.round(image.healthcheck.timeoutMs * around.slowness), around.deadlineMs),
        // Success at any time counts, so the number of failures before it must not end the test.
        retries: 1_000_000,
      },
    }),
    // A container that floods its log must not fill the disk of the machine.
    logOptions: new Map([
      ['max-size', '20m'],
      ['max-file', '2'],
    ]),
    extra: options.smokeRunArguments,
  }
  return { spec, notGiven: [...notGiven, ...variables.notGiven] }
}

function mountsOf({ run }: Target, dataVolume: string): readonly Mount[] {
  // As the Supervisor, which keeps the entries by their type.
  const byType = [...new Map(run.map.map((entry) => [entry.type, entry])).values()]
  const mapped = byType.filter(({ type }) => mappedFolders.has(type) && type !== 'data')
  // The old `config` keeps the new two out of the container.
  const old = mapped.some(({ type }) => type === 'config')
  const given = mapped.filter(
    ({ type }) => !old || !['addon_config', 'app_config', 'homeassistant_config'].includes(type),
  )
  const data = byType.find(({ type }) => type === 'data')?.path ?? '/data'
  const mounts = [
    { volume: dataVolume, target: data },
    // Named, for Docker refuses an anonymous volume that is read-only; with the data, so that a second start finds them again.
    ...given.map(({ type, path, readOnly }, index) => ({
      volume: `${dataVolume}-map${index}`,
      target: path ?? mappedFolders.get(type) ?? '',
      readOnly,
    })),
  ]
  return mounts.filter((mount, index) => mounts.findIndex(({ target }) => target === mount.target) === index)
}
