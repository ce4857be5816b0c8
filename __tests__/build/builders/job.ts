import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { type AddonOptions, addonFiles } from '../../e2e/addon.ts'
import { readFacts } from '../../environment/facts.ts'
import { type Job, type JobOptions, type StepResult, startJob } from '../../fakes/runner/runner.ts'
import { anyRepository, finish } from '../../faults/fault-job.ts'

const facts = readFacts()

export interface BuilderJobOptions extends JobOptions {
  readonly repository?: string
  /** One of each; the default is the small add-on for amd64. */
  readonly addons?: readonly Partial<AddonOptions>[]
}

/** A job that builds, tests and publishes small add-ons with a builder of its own. */
export async function startWith(
  inputs: Readonly<Record<string, string>>,
  { repository = anyRepository(), addons = [{}], ...options }: BuilderJobOptions = {},
): Promise<Job> {
  const image = `${facts.registry}/${repository}/{arch}-{slug}`
  const whole = addons.map((addon) => ({ base: facts.bases?.tiny ?? '', image, architectures: ['amd64'], ...addon }))
  return startJob({
    ...options,
    files: { ...Object.assign({}, ...whole.map(addonFiles)), ...options.files },
    inputs: {
      target: whole.map(({ slug = 'tiny' }) => slug).join('\n'),
      push: 'true',
      comment: 'never',
      ...inputs,
    },
  })
}

/** Runs it to its end and looks for what it left. */
export async function runWith(
  inputs: Readonly<Record<string, string>>,
  options: BuilderJobOptions = {},
): Promise<StepResult & { readonly report: ReportFile }> {
  const job = await startWith(inputs, options)
  const result = await job.main().done
  expect(result.problems).toEqual([])
  const report = JSON.parse(await readFile(result.outputs.report ?? '', 'utf8'))
  expect(await ownBuilder(job, result, options)).toEqual([])
  await finish(job, result, options.environment?.DOCKER_HOST)
  return { ...result, report }
}

/** Where buildx keeps what it knows of the builders of a job. */
export const homeOf = (job: Job): string => join(job.workspace, '../../../home/.docker/buildx')

/** The builder of this run, as long as buildx knows it. */
export async function ownBuilder(
  job: Job,
  { state: { runId } }: StepResult,
  { environment }: JobOptions = {},
): Promise<readonly string[]> {
  return (await instances(environment?.BUILDX_CONFIG ?? homeOf(job))).filter(
    (name) => name === `aicleaner-build-${runId}`,
  )
}

/** Builders that buildx knows by this configuration folder. */
export const instances = (home: string): Promise<readonly string[]> => readdir(join(home, 'instances')).catch(() => [])

interface ReportFile {
  readonly addons: readonly {
    readonly targets: readonly {
      readonly architecture: string
      readonly build: { readonly status: string; readonly emulated: boolean; readonly manifestDigest: string }
      readonly smoke?: { readonly status: string }
    }[]
  }[]
}
