import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, jest, test } from '@jest/globals'
import { startJob } from '../fakes/runner/runner.ts'
import { hostileCases } from './cases/all.ts'
import { Checkout, canary } from './checkout.ts'
import { differenceOf, layOut, outsideOf } from './enter.ts'
import { wrongPlan } from './violations.ts'

jest.setTimeout(120_000)

const nasty = hostileCases.filter((one) => one.nasty)

describe('hostile checkouts, planned by the committed bundle', () => {
  test.each(nasty)('$family: $name', async ({ write, inputs, event }) => {
    const home = mkdtempSync(join(tmpdir(), 'aicleaner-hostile-'))
    const { workspace } = layOut(home)
    write(new Checkout(workspace))
    const before = outsideOf(home)
    const job = await startJob({
      workspace,
      inputs: { mode: 'plan', ...inputs },
      ...(event && {
        event: {
          name: event.name,
          payload: event.payload as object,
          ...(event.ref !== undefined && { ref: event.ref }),
        },
      }),
      environment: { ...event?.environment },
      token: '',
    })
    try {
      const result = await job.main().done
      expect([0, 2]).toContain(result.exitCode)
      expect(result.problems).toEqual([])
      expect(result.raw).not.toContain('This is a defect')
      const ours = ['error', 'warning', 'notice', 'group', 'endgroup', 'save-state', 'debug']
      expect(result.commands.filter(({ name }) => !ours.includes(name))).toEqual([])
      const annotations = result.commands.filter(({ name }) => ['error', 'warning', 'notice'].includes(name))
      for (const { properties } of annotations) expect(properties.title).toMatch(/^[a-z-]+\/[a-z0-9-]+$/)
      for (const text of [result.raw, result.summary, ...Object.values(result.outputs)]) {
        expect(text).not.toContain(canary)
        expect(text).not.toContain('root:x:0:0')
      }
      if (result.exitCode === 0) expect(wrongPlan(result.outputs.plan, workspace)).toEqual([])
      expect((await job.post()).exitCode).toBe(0)
      expect(await job.orphans()).toEqual([])
      expect(differenceOf(before, outsideOf(home))).toEqual([])
    } finally {
      await job.end()
      rmSync(home, { recursive: true, force: true })
    }
  })
})
