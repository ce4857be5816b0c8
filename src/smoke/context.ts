import { randomBytes } from 'node:crypto'
import type { Diagnostic } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import { docker, errorOf } from '../docker/containers.ts'
import type { Options } from '../inputs/options.ts'
import type { Target } from '../plan/plan.ts'
import { pathPart } from '../plan/target-names.ts'
import { type ImageFacts, readImage } from './container/image.ts'
import { foldersOf } from './container/mapped-folders.ts'
import { environmentFailure } from './failures.ts'
import { defaultFiles } from './files/defaults.ts'
import { type FolderFile, type FolderName, folderOf } from './files/folders.ts'
import { ownFiles, withDefaults } from './files/own-files.ts'
import { mergeOptions } from './options/merge.ts'
import { loadPatterns, type Patterns } from './options/patterns.ts'
import { validateOptions } from './options/schema.ts'
import { chooseReadinessSignals, type ReadinessSignal } from './readiness/readiness.ts'

/** The image to test. */
export interface SmokeSubject {
  readonly target: Target
  /** An image of the local store: its ID, or `name@sha256:…`. */
  readonly reference: string
  readonly emulated: boolean
  /** The image is still there after the test; otherwise the command to reproduce a failure builds it first. */
  readonly kept?: boolean
}

/** Everything about one smoke test that is decided before a container is created. */
export interface SmokeContext extends Required<SmokeSubject> {
  readonly host: Host
  readonly image: ImageFacts
  readonly options: Options
  /** Factor by which everything in the container may take longer than natively. */
  readonly slowness: number
  readonly deadlineMs: number
  readonly signals: readonly ReadinessSignal[]
  /** The titles of the signals, for reports. */
  readonly readiness: string
  readonly addonOptions: Readonly<Record<string, unknown>>
  /** What the folders of the add-on contain before it starts for the first time. */
  readonly files: readonly FolderFile[]
  /** Problems of the repository's files for them. */
  readonly fileProblems: readonly Diagnostic[]
  /** Problems of the add-on options. */
  readonly problems: readonly Diagnostic[]
  /** Compares values with `match(…)`; undefined if the schema has none. */
  readonly patterns: Patterns | undefined
  readonly ingressPort: number
  /** The names of all containers and volumes of this test start with it. */
  readonly prefix: string
}

/** The further runs stay up, too, so that an add-on is watched for 10 s or more. */
const staysUpMs = 6000
/** If `ingress_port` is 0, the Supervisor chooses a free port from 62000 on. Source: Supervisor ingress.py. */
const dynamicIngressPort = 62_000

/** Rejects with a Failure (`environment`) if the engine does not have the image. */
export async function createSmokeContext(subject: SmokeSubject, options: Options, host: Host): Promise<SmokeContext> {
  const { target, reference, emulated, kept = false } = subject
  const { run } = target
  const image = await inspectImage(reference, host)
  const patterns = await loadPatterns(run.schema)
  const slowness = emulated ? options.smokeEmulationFactor : 1
  const deadlineMs = options.smokeTimeoutMs * slowness
  const ingressPort = run.ingressPort || dynamicIngressPort
  const signals = chooseReadinessSignals(run, image, options, {
    staysUpMs: Math.min(staysUpMs, deadlineMs / 2),
    ingressPort,
    slug: target.addon,
  })
  const { options: addonOptions, problems } = validateOptions(
    mergeOptions(run.options, options.smokeOptions),
    run.schema,
    {
      locations: run.optionLocations,
      given: options.smokeOptions,
      compare: patterns?.(),
    },
  )
  const mapped = mappedNames(target)
  const place = { workspace: host.workspace, addon: target.context, given: options.smokeFiles }
  const own = await ownFiles(place, mapped)
  const id = `${pathPart(target.addon)}-${target.architecture}`.toLowerCase()
  return {
    ...{ host, target, reference, emulated, kept, image, options, slowness, deadlineMs },
    ...{ signals, addonOptions, problems, patterns, ingressPort },
    files: withDefaults(own.files, await defaultFiles(mapped, host.clock.now())),
    fileProblems: own.problems,
    readiness: signals.map(({ title }) => title).join(' and '),
    prefix: `aicleaner-${host.runId}-smoke-${id}-${randomBytes(3).toString('hex')}`,
  }
}

/** The folders of a device that the add-on maps. */
const mappedNames = (target: Target): ReadonlySet<FolderName> =>
  new Set(foldersOf(target, '').flatMap(({ type }) => folderOf(type) ?? []))

async function inspectImage(reference: string, { processes }: Host): Promise<ImageFacts> {
  const result = await docker(processes, ['image', 'inspect', reference])
  const image = readImage(result.stdout)
  if (!image) throw environmentFailure('smoke/no-image', `Docker could not inspect ${reference}: ${errorOf(result)}.`)
  return image
}
