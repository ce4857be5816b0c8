import { isJsonObject, type JsonObject, parseJsonText } from '../core/json-fields.ts'
import { isWrong } from '../core/parsed.ts'
import { splitWords } from '../core/shell-words.ts'
import { fitsEnvironment, fitsOnLine, isReserved, maxVariableBytes, variableName } from '../core/variables.ts'
import { parseDuration } from './duration.ts'
import { parseHttpProbe } from './kinds.ts'
import type { InputName } from './names.ts'
import type { Services, SmokeOptions } from './options.ts'
import { parseFolder } from './paths.ts'
import { type InputReader, sliceOf } from './reader.ts'
import { check, privilege } from './values.ts'

/**
 * @param workspace absolute path of the checkout
 * @param checksOf returns the names of the checks, if the caller knows them. Called only if `smoke-checks` is given.
 */
export async function smokeInputs(
  read: InputReader,
  workspace: string,
  checksOf: (() => Promise<readonly string[]>) | undefined,
): Promise<SmokeOptions> {
  const services = await mapOf(read, 'smoke-services')
  const checks = read.text('smoke-checks') === undefined ? undefined : await checksOf?.()
  return sliceOf<SmokeOptions>({
    smokeTest: read.boolean('smoke-test', true),
    smokeHttp: read.one('smoke-http', 'bad-probe', parseHttpProbe),
    smokeCommand: read.text('smoke-command'),
    smokeOptions: await mapOf(read, 'smoke-options'),
    smokeFiles: read.one('smoke-files', 'target-outside', (path) => parseFolder(path, workspace)),
    smokeEnvironment: smokeEnvironment(read),
    smokeRunArguments: read.one('smoke-run-args', 'bad-words', splitWords) ?? [],
    smokePrivileges: read.items('smoke-privileges', 'bad-privilege', privilege) ?? [],
    smokeProtected: read.boolean('smoke-protected', true),
    smokeTimeoutMs: read.one('smoke-timeout', 'not-a-duration', parseDuration) ?? 60_000,
    smokeEmulationFactor: read.number('smoke-emulation-factor', 1, 100, false) ?? 5,
    smokeRetries: read.number('smoke-retries', 0, 5, true) ?? 0,
    smokeChecks: new Map(read.items('smoke-checks', 'bad-check', (item) => check(item, checks)) ?? []),
    smokeServices: servicesOf(read, services),
    supervisor: read.choice('supervisor', ['auto', 'on', 'off'], 'auto'),
  })
}

/** JSON or YAML. The YAML reader is loaded only for text that is not JSON. */
async function mapOf(read: InputReader, name: InputName): Promise<JsonObject> {
  const text = read.text(name)
  if (text === undefined) return {}
  let value = parseJsonText(text)
  if (value === undefined) {
    const { parseYamlValue } = await import('./yaml-value.ts')
    const yaml = parseYamlValue(text)
    if (isWrong(yaml)) {
      read.refuse(name, 'not-yaml', yaml.problem, yaml.remedy)
      return {}
    }
    value = yaml.value
  }
  if (isJsonObject(value)) return value
  read.refuse(name, 'not-a-map', 'names with values are required.', 'Write for example "log_level: debug".')
  return {}
}

/** A service is a map itself: `mqtt: {host: …, port: …}`. */
function servicesOf(read: InputReader, services: JsonObject): Services {
  const found: Record<string, JsonObject> = {}
  const remedy = 'Write for example "mqtt: {host: broker, port: 1883}".'
  for (const [name, service] of Object.entries(services)) {
    if (isJsonObject(service)) found[name] = service
    else read.refuse('smoke-services', 'not-a-map', `"${name}" must have names with values.`, remedy)
  }
  return found
}

/** The input `smoke-env`. Values may be secret, so messages do not contain them. */
function smokeEnvironment(read: InputReader): ReadonlyMap<string, string> {
  const variables = read.assignments('smoke-env', variableName)
  for (const [name, value] of variables) {
    if (!fitsEnvironment(name, value)) {
      const problem = `the value of ${name} has a NUL character, or more than ${maxVariableBytes} bytes.`
      const remedy = 'Put the value into a file of the image or into "smoke-options".'
      read.refuse('smoke-env', 'bad-variable', problem, remedy)
    } else if (!fitsOnLine(name, value) && isReserved(name)) {
      // Docker accepts such a value only from its environment, in which this name has another meaning.
      const problem = `${name} has a value with several lines, but the docker command itself reads a variable with this name.`
      read.refuse('smoke-env', 'bad-variable', problem, 'Use a value with one line, or another name.')
    }
  }
  return variables
}
