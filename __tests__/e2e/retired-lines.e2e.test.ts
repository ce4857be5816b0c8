import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, jest, test } from '@jest/globals'
import { type PlanOutput, planOnly, planOutputOf } from './plan-only.ts'

jest.setTimeout(300_000)

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'workflow-lines')

interface Build {
  readonly architecture: string
  readonly platform: string
  readonly dockerfile: string
  readonly context: string
  readonly tags: readonly string[]
  readonly pushed: readonly string[]
  readonly base: string
  readonly buildArgs: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

interface Line {
  readonly repo: string
  readonly args: string
  readonly env: Readonly<Record<string, string>>
  readonly inputs: Readonly<Record<string, string>>
  readonly workspace: string
  readonly builds: readonly Build[]
}

const lines = JSON.parse(readFileSync(join(fixtures, 'lines.json'), 'utf8')) as readonly Line[]

/**
 * What differs on purpose, with what docs/migrate.md says of it. Names, tags, platforms, Dockerfiles, contexts and base images never do.
 * - A number keeps its source text: `1.0` in build.yaml was given as `1`.
 * - Names and descriptions keep their single quotes.
 */
const asItWasGiven = (name: string, text: string): string =>
  name === 'CERTBOT_DNS_DREAMHOST_VERSION' && text === '1.0' ? '1' : text
const asItWasLabelled = (name: string, text: string): string =>
  name.startsWith('io.hass.') ? text.replaceAll("'", '') : text

const mapped = (values: Readonly<Record<string, string>> = {}, map: (name: string, text: string) => string) =>
  Object.fromEntries(Object.entries(values).map(([name, text]) => [name, map(name, text)]))

/** What would be built, in the words of `lines.json`. */
function buildsOf({ push, addons }: PlanOutput) {
  return addons.flatMap(({ targets, multiArch }) =>
    targets.map((target) => {
      const tags = target.tags.map((tag) => `${target.image}:${tag}`)
      return {
        architecture: target.architecture,
        platform: target.platform,
        dockerfile: target.dockerfile,
        context: target.context,
        tags,
        pushed: push ? [...tags, ...(multiArch?.tags.map((tag) => `${multiArch.image}:${tag}`) ?? [])] : [],
        base: target.baseImage,
        buildArgs: target.buildArguments,
        labels: target.labels,
      }
    }),
  )
}

const byArchitecture = (a: { readonly architecture: string }, b: { readonly architecture: string }): number =>
  a.architecture < b.architecture ? -1 : 1

test.each(lines.map((line, index) => [index, line.repo, line.args.replaceAll(/[\\\s]+/g, ' ').trim(), line] as const))(
  'line %i of %s: %s',
  async (_, repo, __, { args, env, inputs, workspace, builds }) => {
    const result = await planOnly({
      copy: join(fixtures, workspace),
      inputs: { args, ...inputs },
      environment: env,
      context: { repository: repo },
    })
    const found = buildsOf(planOutputOf(result)).toSorted(byArchitecture)
    const wanted = builds.toSorted(byArchitecture)
    expect(found.map(({ buildArgs, labels, ...build }) => build)).toEqual(
      wanted.map(({ buildArgs, labels, ...build }) => build),
    )
    // There are more arguments and labels than it gave; none of its own is missing.
    for (const [index, expected] of wanted.entries()) {
      expect(mapped(found[index]?.buildArgs, asItWasGiven)).toMatchObject(expected.buildArgs)
      expect(mapped(found[index]?.labels, asItWasLabelled)).toMatchObject(expected.labels)
    }
  },
)

test('the lines are all there, and both kinds are among them', () => {
  expect(lines.length).toBe(48)
  expect(lines.some(({ builds }) => builds.some(({ pushed }) => pushed.length > 0))).toBe(true)
  expect(lines.some(({ inputs }) => inputs.image !== undefined)).toBe(true)
  expect(lines.some(({ args }) => args.includes('$'))).toBe(true)
})
