import type { RunConfig } from '../../addon/addon.ts'
import { variableProblem } from '../../core/run-rules.ts'
import { fitsOnLine, variableBytes } from '../../core/variables.ts'
import type { Options } from '../../inputs/options.ts'
import type { DeniedResource } from './policy.ts'

interface EnvironmentSources {
  readonly run: RunConfig
  readonly addonOptions: Readonly<Record<string, unknown>>
  /** What the Supervisor sets itself. */
  readonly supervisor: ReadonlyMap<string, string>
  readonly options: Pick<Options, 'smokeEnvironment' | 'smokeOptions'>
}

/**
 * Pure: the environment of a tested container. Later sources win: config.yaml, the options of a `legacy` add-on, the Supervisor, the workflow's
 * owner.
 */
export function environmentOf({ run, addonOptions, supervisor, options }: EnvironmentSources): {
  readonly environment: ReadonlyMap<string, string>
  readonly ownerVariables: ReadonlySet<string>
  readonly denied: readonly DeniedResource[]
} {
  const legacy = run.featureFlags.has('legacy') ? legacyEnvironment(addonOptions, options.smokeOptions) : noVariables
  return {
    environment: new Map([...run.environment, ...legacy.variables, ...supervisor, ...options.smokeEnvironment]),
    ownerVariables: new Set(options.smokeEnvironment.keys()),
    denied: legacy.denied,
  }
}

interface LegacyEnvironment {
  readonly variables: ReadonlyMap<string, string>
  readonly denied: readonly DeniedResource[]
}

const noVariables: LegacyEnvironment = { variables: new Map(), denied: [] }

/** Source: Supervisor docker/app.py, environment. */
function legacyEnvironment(
  addonOptions: Readonly<Record<string, unknown>>,
  smokeOptions: Readonly<Record<string, unknown>>,
): LegacyEnvironment {
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
