import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { describeWith } from '../environment/describe-with.ts'
import { type FakeGitHub, startGitHub } from '../fakes/github/github.ts'
import { startJob } from '../fakes/runner/runner.ts'
import { addonFiles } from './addon.ts'
import { apiOf, pullRequestEvent } from './pull-request.ts'

// Images are built, emulated ones too, perhaps on a busy machine.
jest.setTimeout(240_000)

let github: FakeGitHub
beforeAll(async () => {
  github = await startGitHub({ repository: 'octo/addons' })
})
afterAll(async () => {
  await github.close()
  expect(github.violations).toEqual([])
})

describeWith(['bases', 'emulators'], 'jobs of a matrix over add-ons and architectures', ({ bases }) => {
  test('have a comment for each add-on, with the rows of all its architectures', async () => {
    const pull = github.addPull({ repository: 'octo/addons' })
    const base = bases?.tiny ?? ''
    const job = async (args: string, exitCode: number): Promise<void> => {
      const started = await startJob({
        files: { ...addonFiles({ base, slug: 'x' }), ...addonFiles({ base, slug: 'y' }) },
        // Not the default of action.yml: where the input is empty, `args` says what is built.
        inputs: { args, 'smoke-test': 'false', audit: 'off', baseline: 'none' },
        event: pullRequestEvent(pull),
        token: github.token,
        environment: apiOf(github),
      })
      const result = await started.main().done
      if (result.exitCode !== exitCode) throw new Error(`exit code ${result.exitCode}, not ${exitCode}:\n${result.log}`)
      expect((await started.post()).exitCode).toBe(0)
      await started.end()
    }
    // As they are in the workflows of users.
    await Promise.all([
      job('--test --aarch64 --target x', 0),
      job('--test --amd64 --target x', 0),
      job('--test --amd64 --target y', 0),
    ])
    await job('--test --armv7 --target y --docker-hub', 2)

    const keys = github.comments.map(({ body }) => /key=(\S+)/.exec(body)?.[1] ?? '')
    expect(keys.map((key) => key.split('%20').at(-1)).sort()).toEqual(['x', 'y'])
    const [x = '', y = ''] = ['x', 'y'].map(
      (slug) => github.comments.find((_, at) => keys[at]?.endsWith(`%20${slug}`))?.body,
    )
    expect(x).toMatch(/^### ✅ Tiny 1\.2\.3: 2 architectures passed, first measurement\n/)
    expect(x).toMatch(/\n\| `amd64` \|.*\n\| `aarch64` \|.*\n\n/)
    expect(y).toMatch(/^### ❌ Tiny 1\.2\.3: invalid input\n\n- ❌ `armv7` input: .*--docker-hub needs a value/)
    expect(y).toMatch(/\n\| `amd64` \|.*\n\n/)
  })
})
