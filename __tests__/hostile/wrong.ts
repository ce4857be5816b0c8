import type { HostileCase } from './checkout.ts'
import { enter, removed } from './enter.ts'
import { violationsOf } from './violations.ts'

/** What went wrong, by the name of the checkout; nothing of them is left on the disk. */
export async function wrongOf(cases: readonly HostileCase[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: [string, readonly string[]][] = []
  for (const one of cases) {
    const wrong = violationsOf(await enter(one))
    if (wrong.length > 0) found.push([one.name, wrong])
  }
  await removed()
  return Object.fromEntries(found)
}
