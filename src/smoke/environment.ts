import type { RunConfig } from '../addon/addon.ts'
import { variableBytes, variableProblem } from '../core/run-rules.ts'
import { fitsOnLine } from '../core/variables.ts'
import type { Options } from '../inputs/options.ts'
import type { NotGiven } from './policy.ts'

interface Asked {
  readonly run: RunConfig
  readonly addonOptions: Readonly<Record<string, unknown>>
  /** What the Supervisor sets itself. */
  readonly own: ReadonlyMap<string, string>
  readonly options: Pick<Options, 'smokeEnvironment' | 'smokeOptions'>
}

/**
 * Pure: the variables of a tested container. A later one wins: config.yaml, its options where it is a `legacy` add-on, the Supervisor's own,
 * the workflow owner's.
 */
export function environmentOf({ run, addonOptions, own, options }: Asked): {
  readonly environment: ReadonlyMap<string, string>
  readonly ownerVariables: ReadonlySet<string>
  readonly notGiven: readonly NotGiven[]
} {
  const legacy = run.wishes.has('legacy') ? legacyEnvironment(addonOptions, options.smokeOptions) : nothing
  return {
    environment: new Map([...run.environment, ...legacy.variables, ...own, ...options.smokeEnvironment]),
    ownerVariables: new Set(options.smokeEnvironment.keys()),
    notGiven: legacy.notGiven,
  }
}

interface Legacy {
  readonly variables: ReadonlyMap<string, string>
  readonly notGiven: readonly NotGiven[]
}

const nothing: Legacy = { variables: new Map(), notGiven: [] }

/** Source: Supervisor docker/app.py, environment. */
function legacyEnvironment(
  addonOptions: Readonly<Record<string, unknown>>,
  smokeOptions: Readonly<Record<string, unknown>>,
): Legacy {
  const variables = new Map<string, string>()
  const notGiven: NotGiven[] = []
  let bytes = 0
  for (const [name, option] of Object.entries(addonOptions)) {
    const value = textOf(option)
    if (value === undefined) continue
    const found = variableProblem(name, value, bytes)
    const what = `option ${JSON.stringify(name.slice(0, 80))} as a variable`
    if (found) notGiven.push({ what, why: found.problem })
    else if (Object.hasOwn(smokeOptions, name) && !fitsOnLine(name, value)) {
      // It may be secret, so it must not be an argument; and config.yaml must not decide what the docker process has in its environment.
      const why = 'it has several lines, and config.yaml alone makes it a variable'
      notGiven.push({ what, why, grant: { input: 'smoke-env', value: `${name}=…` } })
    } else {
      variables.set(name, value)
      bytes += variableBytes(name, value)
    }
  }
  return { variables, notGiven }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' || Number.isInteger(value) ? String(value) : undefined
}
