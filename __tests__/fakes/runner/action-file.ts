import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Contexts, evaluate } from './expressions.ts'

/** The fields of an `action.yml` that the runner uses. */
export interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly default?: unknown } | null>>
  readonly outputs: readonly string[]
  readonly using: string
  readonly main: string
  readonly pre?: string
  readonly post?: string
}

export async function readActionFile(folder: string): Promise<ActionFile> {
  const text = await readFile(join(folder, 'action.yml'), 'utf8')
  const { inputs, outputs, runs } = parse(text) as {
    inputs?: ActionFile['inputs'] | null
    outputs?: object | null
    runs: Pick<ActionFile, 'using' | 'main' | 'pre' | 'post'>
  }
  return { ...runs, inputs: inputs ?? {}, outputs: Object.keys(outputs ?? {}) }
}

/**
 * The variables of the inputs: the given value or the default of every input of the action. Names are in upper case with spaces as `_`; dashes
 * are kept. Source: actions/runner `Handler.AddInputsToEnvironment`.
 * @throws for an input that the action does not have.
 */
export function inputVariables(
  action: ActionFile,
  given: Readonly<Record<string, string>>,
  contexts: Contexts,
): Readonly<Record<string, string>> {
  const values = new Map<string, string>()
  for (const [name, input] of Object.entries(action.inputs)) {
    const value = input?.default
    values.set(name.toLowerCase(), value === undefined || value === null ? '' : evaluate(String(value), contexts))
  }
  const unexpected = Object.keys(given).filter((name) => !values.has(name.toLowerCase()))
  // A real runner only warns; here it is an error in the test.
  if (unexpected.length > 0) throw new Error(`Unexpected input(s) ${unexpected.join(', ')}`)
  for (const [name, value] of Object.entries(given)) values.set(name.toLowerCase(), value)
  return Object.fromEntries([...values].map(([name, value]) => [variableOf(name), value]))
}

const variableOf = (input: string): string => `INPUT_${input.replaceAll(' ', '_').toUpperCase()}`
