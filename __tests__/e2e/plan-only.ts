import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import type { PlannedAddon, Target } from '../../src/plan/plan.ts'
import { type JobOptions, type StepResult, startJob } from '../fakes/runner/runner.ts'

/** `mode: plan` of the committed bundle, with the defaults of action.yml, on a machine without any program: no Docker, no git. */
export async function planOnly(options: JobOptions): Promise<StepResult> {
  const empty = await mkdtemp(join(tmpdir(), 'aicleaner-empty-'))
  const job = await startJob({
    ...options,
    inputs: { mode: 'plan', ...options.inputs },
    environment: { PATH: empty, ...options.environment },
  })
  try {
    const result = await job.main().done
    expect((await job.post()).exitCode).toBe(0)
    return result
  } finally {
    await job.end()
    await rm(empty, { recursive: true })
  }
}

/** The output `plan` as a workflow reads it. */
export interface PlanOutput {
  readonly push: boolean
  readonly noCache: boolean
  readonly pull: boolean
  readonly sign: string | false
  readonly verifyBase: string | false
  readonly addons: readonly (Omit<PlannedAddon, 'targets'> & {
    readonly targets: readonly (Omit<Target, 'buildArguments' | 'labels'> & {
      readonly buildArguments: Readonly<Record<string, string>>
      readonly labels: Readonly<Record<string, string>>
    })[]
  })[]
}

/** Throws, with the log, where there is no plan. */
export function planOutputOf({ exitCode, log, outputs }: StepResult): PlanOutput {
  if (exitCode !== 0) throw new Error(log)
  return JSON.parse(outputs.plan ?? '')
}
