import type { RunConfig } from '../../addon/addon.ts'
import { variableProblem } from '../../core/container-rules.ts'
import type { JsonObject } from '../../core/json-fields.ts'
import { fitsOnLine, variableBytes } from '../../core/variables.ts'
import type { Options } from '../../inputs/options.ts'
import type { DeniedResource } from './policy.ts'

interface Environment {
  readonly variables: ReadonlyMap<string, string>
  readonly denied: readonly DeniedResource[]
}

/**
 * Pure: the environment of a tested container. Later sources win: config.yaml, the options of a `legacy` add-on, the Supervisor, the workflow's
 * owner.
 * @param supervisor what the Supervisor sets itself
 */
export function environmentOf(
  run: RunConfig,
  addonOptions: JsonObject,
  supervisor: ReadonlyMap<string, string>,
  { smokeEnvironment, smokeOptions }: Pick<Options, 'smokeEnvironment' | 'smokeOptions'>,
): Environment {
  const { variables, denied } = legacyEnvironment(run.featureFlags.has('legacy') ? addonOptions : {}, smokeOptions)
  return { variables: new Map([...run.environment, ...variables, ...supervisor, ...smokeEnvironment]), denied }
}

/** Source: Supervisor docker/app.py, environment. */
function legacyEnvironment(addonOptions: JsonObject, smokeOptions: JsonObject): Environment {
  const variables = new Map<string, string>()
  const denied: DeniedResource[] = []
  let bytes = 0
  for (const [name, option] of Object.entries(addonOptions)) {
    const value = pythonText(option)
    if (value === undefined) continue
    const invalid = variableProblem(name, value, bytes)
    const what = `option ${JSON.stringify(name.slice(0, 80))} as a variable`
    if (invalid) denied.push({ what, why: invalid.problem })
    else if (Object.hasOwn(smokeOptions, name) && !fitsOnLine(name, value)) {
      // A secret must not be an argument, and config.yaml must not decide on the environment of the docker process.
      const why = 'it has several lines, and only config.yaml makes it a variable'
      denied.push({ what, why, grant: { input: 'smoke-env', value: `${name}=…` } })
    } else {
      variables.set(name, value)
      bytes += variableBytes(name, value)
    }
  }
  return { variables, denied }
}

/** As Python writes it; undefined for what the Supervisor leaves out. */
function pythonText(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' || Number.isInteger(value) ? String(value) : undefined
}
