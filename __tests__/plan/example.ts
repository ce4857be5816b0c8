import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { workspaceFiles } from '../../src/addon/files.ts'
import { readAddons } from '../../src/addon/read.ts'
import { oneLine } from '../../src/core/diagnostics.ts'
import type { GitHubEvent } from '../../src/core/host.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { showPlan } from '../../src/plan/show.ts'
import { optionsOf } from '../addon/corpus.ts'
import { events } from './events.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
export const page = `${root}/docs/plan.md`

/** docs/plan.md with its example as it comes out now. */
export async function withExample(text: string): Promise<string> {
  const command = /\$ (aicleaner-build plan (\S+) --architectures (\S+))\n/.exec(text)
  if (!command) throw new Error('docs/plan.md has no example')
  const { said, lines } = await planOf({ target: command[2] ?? '', architectures: command[3] ?? '' }, events.local)
  return text.replace(
    /(\$ aicleaner-build plan [^\n]*\n)[\s\S]*?(```)/,
    (_, start, end) => `${start}${[...said, ...lines].join('\n')}\n${end}`,
  )
}

/** What a terminal shows for a folder of this repository. */
export async function planOf(
  inputs: Readonly<Record<string, string>>,
  event: GitHubEvent,
): Promise<{ readonly said: readonly string[]; readonly lines: readonly string[] }> {
  const options = await optionsOf({ mode: 'plan', ...inputs })
  const { addons, diagnostics } = await readAddons(options, workspaceFiles(root))
  const { plan, diagnostics: more } = makePlan(addons, options, event)
  return {
    said: [...diagnostics, ...more].map((one) => `${one.severity}: ${oneLine(one)} [${one.code}]`),
    lines: plan ? showPlan(plan) : [],
  }
}

// Writes the example: node __tests__/plan/example.ts
if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(page, await withExample(readFileSync(page, 'utf8')))
