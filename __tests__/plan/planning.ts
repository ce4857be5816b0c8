import { readAddons } from '../../src/addon/read.ts'
import { hasSeveralAddons } from '../../src/addon/repository.ts'
import { type Diagnostic, oneLine } from '../../src/core/diagnostics.ts'
import type { GitHubEvent } from '../../src/core/host.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { optionsOf } from '../addon/corpus.ts'
import { memoryFiles } from '../fakes/memory-files.ts'
import { events } from './events.ts'

export const config = (more = '', slug = 'probe') =>
  `name: "The Probe"\nversion: "1.0"\nslug: ${slug}\ndescription: Looks\nurl: https://example.org\narch: [amd64, aarch64, armv7]\n${more}`
export const plain = 'FROM ghcr.io/home-assistant/base:3.23\n'

/** A repository with one add-on in the folder `a`, but for what a test says. */
export interface Setting {
  readonly files?: Readonly<Record<string, string>>
  readonly inputs?: Readonly<Record<string, string>>
  /** Of the step: what `args` is filled in from. */
  readonly environment?: Readonly<Record<string, string>>
  readonly event?: GitHubEvent
}

/** What the plan expands to, and all that is said of it. */
export async function attempt({
  files,
  inputs = {},
  environment = {},
  event = events.push,
}: Setting): Promise<{ plan?: Plan; diagnostics: readonly Diagnostic[] }> {
  const options = await optionsOf({ target: 'a', ...inputs }, environment)
  const all = { 'a/config.yaml': config(), 'a/Dockerfile': plain, ...files }
  const checkout = memoryFiles(new Map(Object.entries(all)))
  const { addons, folders, diagnostics } = await readAddons(options, checkout)
  const single = folders === 1
  const made = makePlan(addons, options, event, { single, alone: single && !(await hasSeveralAddons(checkout)) })
  return { ...made, diagnostics: [...diagnostics, ...made.diagnostics] }
}

/** Throws, with what was said, where there is no plan. */
export async function plan(setting: Setting = {}): Promise<Plan> {
  const { plan: made, diagnostics } = await attempt(setting)
  if (!made) throw new Error(diagnostics.map(oneLine).join('\n'))
  return made
}

export const first = async (setting: Setting = {}) => {
  const made = await plan(setting)
  const [addon] = made.addons
  const [target] = addon?.targets ?? []
  if (!addon || !target) throw new Error('nothing planned')
  return { addon, target }
}

/** `error plan/no-version`, … but for what is said of nearly every add-on. */
export const codes = async (setting: Setting) =>
  (await attempt(setting)).diagnostics
    .filter(({ code }) => code !== 'config/deprecated-architecture' && code !== 'build-yaml/deprecated')
    .map(({ severity, code }) => `${severity} ${code}`)
