import { messageOf, runCancelled, warning } from '../core/diagnostics.ts'
import type { Host } from '../core/host.ts'
import type { Options } from '../inputs/options.ts'
import type { Plan } from '../plan/plan.ts'
import { openRegistry } from '../registry/open.ts'
import { renderRefresh } from '../report/markdown/refresh.ts'
import { type RefreshedAddon, refreshLines, refreshOutputs } from '../report/refresh.ts'
import type { ActionOutputs } from './deliver-report.ts'
import { findOutdated } from './find-outdated.ts'
import { openLogins } from './open-logins.ts'

/** `mode: refresh`: finds add-ons whose base images have changed since their published version. Throws a Failure (`cancelled`) only. */
export async function refresh(
  plan: Plan,
  options: Options,
  host: Host,
  outputs: ActionOutputs,
): Promise<readonly RefreshedAddon[]> {
  const { logins, diagnostics } = await openLogins(plan, options, host)
  for (const diagnostic of diagnostics) host.log.report(diagnostic)
  const addons = await findOutdated(plan, options, openRegistry(logins, [], host))
  // Requests that a cancel ended would look like registries that do not answer.
  if (host.signal.aborted) throw runCancelled()
  for (const line of refreshLines(addons)) host.log.info(line)
  for (const [name, value] of refreshOutputs(addons)) outputs.output(name, value)
  try {
    await outputs.summary(renderRefresh(addons))
  } catch (thrown) {
    host.log.report(warning('report/not-written', `The job summary could not be written: ${messageOf(thrown)}.`, ''))
  }
  return addons
}
