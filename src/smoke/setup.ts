import type { Diagnostic } from '../core/diagnostics.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import type { ImageFacts } from './container/image.ts'
import { hostnameOf } from './container/spec.ts'
import { mergeOptions } from './options/merge.ts'
import { validateOptions } from './options/schema.ts'
import type { Patterns } from './patterns.ts'
import { chooseSignals, type Signal } from './readiness/readiness.ts'
import type { Resident } from './supervisor/facts.ts'

/** Everything about one test that is decided before anything is started. */
export interface Setup {
  readonly target: Target
  readonly image: ImageFacts
  /** What `docker create` is told. */
  readonly reference: string
  readonly options: Options
  readonly emulated: boolean
  /** The image outlives the test. */
  readonly kept: boolean
  /** How many times as long as natively everything in the container may take. */
  readonly slowness: number
  readonly deadlineMs: number
  readonly signals: readonly Signal[]
  readonly readiness: string
  readonly addonOptions: Readonly<Record<string, unknown>>
  readonly problems: readonly Diagnostic[]
  /** For `match(…)` in the schema, where it has any. */
  readonly patterns?: Patterns
  readonly ingressPort: number
  /** Begins the name of every container and volume. */
  readonly prefix: string
}

const staysUpMs = 10_000
/** Where config.yaml says 0, the Supervisor takes a free one from 62000 on. Source: Supervisor ingress.py. */
const dynamicIngressPort = 62_000

/** Pure. */
export function makeSetup(
  target: Target,
  image: ImageFacts,
  reference: string,
  options: Options,
  { emulated, kept }: Pick<Setup, 'emulated' | 'kept'>,
  prefix: string,
  patterns?: Patterns,
): Setup {
  const { run } = target
  const slowness = emulated ? options.smokeEmulationFactor : 1
  const deadlineMs = options.smokeTimeoutMs * slowness
  const ingressPort = run.ingressPort || dynamicIngressPort
  const signals = chooseSignals(run, image, options, Math.min(staysUpMs, deadlineMs / 2), ingressPort, target.addon)
  const given = mergeOptions(run.options, options.smokeOptions)
  const { options: addonOptions, problems } = validateOptions(
    given,
    run.schema,
    run.optionPlaces,
    options.smokeOptions,
    patterns?.(),
  )
  return {
    target,
    image,
    reference,
    options,
    emulated,
    kept,
    slowness,
    deadlineMs,
    signals,
    readiness: signals.map(({ title }) => title).join(' and '),
    addonOptions,
    problems,
    ...(patterns && { patterns }),
    ingressPort,
    prefix,
  }
}

/** The add-on as the API knows it; what only its labels say comes from them. */
export function residentOf(
  { target, image, options, addonOptions, ingressPort, patterns }: Setup,
  address: string,
  supervisorAddress: string,
): Resident {
  const label = (name: string): string => target.labels.get(name) ?? image.labels.get(name) ?? ''
  return {
    slug: target.addon,
    hostname: hostnameOf(target.addon),
    name: label('io.hass.name') || target.addon,
    description: label('io.hass.description'),
    version: label('io.hass.version') || target.buildArguments.get('BUILD_VERSION') || 'dev',
    url: label('io.hass.url'),
    architecture: target.architecture,
    options: addonOptions,
    ingressPort,
    ...(patterns && { patterns }),
    run: target.run,
    services: options.smokeServices ?? {},
    address,
    supervisorAddress,
  }
}
