import { isMap, isScalar, type Pair, type YAMLMap } from 'yaml'
import type { Edit } from './edits.ts'
import type { Step } from './workflow-steps.ts'
import { pairOf, type YamlText } from './yaml-text.ts'

/** Inputs of `actions/build-image` and `actions/publish-multi-arch-manifest`, and the inputs of this action with the same meaning. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['arch', 'architectures'],
  ['build-args', 'build-args'],
  ['cache-gha-scope', 'cache-scope'],
  ['container-registry', 'registry'],
  ['container-registry-password', 'password'],
  ['container-registry-username', 'username'],
  ['context', 'target'],
  ['file', 'file'],
  ['image', 'image'],
  ['image-tags', 'tags'],
  ['labels', 'labels'],
  ['push', 'push'],
  ['version', 'version'],
])

/** Inputs without a counterpart, and why they can be removed. */
const dropped: ReadonlyMap<string, string> = new Map([
  ['cache-gha', 'the cache of GitHub is used if the runner offers it, see the input "cache"'],
  ['cache-image-tag', 'the published image is not used as a cache here, see the input "cache"'],
  ['cosign-identity', 'it was for a cache in the registry, which is not used here'],
  ['cosign-issuer', 'it was for a cache in the registry, which is not used here'],
])

/** Default user name of the replaced action. This action's default is the user that started the run. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub.
const owner = '${{ github.repository_owner }}'

export interface Reason {
  readonly text: string
  readonly at: unknown
}

/** The inputs of a step for this action. */
export interface NewInputs {
  /** Replacements for single inputs, by their name in the replaced action. */
  readonly values: ReadonlyMap<string, string>
  /** Further inputs. */
  readonly more: readonly (readonly [name: string, value: string])[]
}

/** The settings of a build-image step that are more than new names of inputs. */
export interface Settings {
  readonly more: readonly (readonly [name: string, value: string])[]
  readonly needsCosign: boolean
  readonly reasons: readonly Reason[]
  /** Inputs that are removed, with why. */
  readonly dropped: readonly (readonly [pair: Pair, why: string])[]
}

/** The settings of a step of `actions/build-image`, as inputs of this action. */
export function settingsOf(step: Step): Settings {
  const inputs = step.inputs ?? new Map<string, string>()
  const map = pairOf(step.map, 'with')?.value
  const reasons: Reason[] = []
  const doubt = (name: string, text: string): void => {
    reasons.push({ text, at: pairOf(map, name) ?? step.map })
  }
  const isOn = (name: string, fallback: boolean): boolean | undefined => {
    const text = (inputs.get(name) ?? '').trim()
    return text === '' ? fallback : text === 'true' ? true : text === 'false' ? false : undefined
  }
  const cosign = isOn('cosign', true)
  if (cosign === undefined) doubt('cosign', 'an expression in "cosign" decides whether to sign')
  if (isOn('load', false) !== false)
    doubt('load', '"load" keeps the image on the runner for later steps, which this action does not')
  for (const name of inputs.keys()) if (!isKnown(name)) doubt(name, `the input "${name.slice(0, 60)}" is unknown`)
  const more: (readonly [string, string])[] = []
  const gone = new Map(dropped)
  if (isOn('cache-gha', true) === false) {
    more.push(['cache', 'inline'])
    gone.delete('cache-gha')
  }
  if (cosign) more.push(['sign', 'keyless'])
  const [identity, base] = [inputs.get('cosign-base-identity') ?? '', inputs.get('cosign-base-verify') ?? '']
  const verifies = identity !== '' && base !== ''
  if (verifies) {
    more.push(['verify-base', `keyless:${identity}`])
    const issuer = inputs.get('cosign-base-issuer') || inputs.get('cosign-issuer')
    if (issuer) more.push(['verify-base-issuer', issuer])
    gone.set('cosign-base-verify', 'the base images of the Dockerfile are verified, in every run')
  }
  const registry = inputs.get('container-registry') ?? 'ghcr.io'
  if (registry !== 'ghcr.io' && !inputs.has('container-registry-username')) more.push(['username', owner])
  return {
    more,
    needsCosign: cosign === true || verifies,
    reasons,
    dropped: [...gone].flatMap(([name, why]) => {
      const pair = pairOf(map, name)
      return pair ? [[pair, why] as const] : []
    }),
  }
}

const isKnown = (name: string): boolean =>
  renamed.has(name) ||
  dropped.has(name) ||
  name === 'load' ||
  /^cosign(?:-base-(?:identity|issuer|verify))?$/.test(name)

/** Rewrites `with`: names, new values, and more inputs at the end. Undefined if it is in braces. */
export function inputEdits(page: YamlText, step: Step, { values, more }: NewInputs): readonly Edit[] | undefined {
  const pair = pairOf(step.map, 'with')
  const map = pair?.value
  if (!pair || !isMap(map) || map.flow) return undefined
  const edits: Edit[] = []
  const removed: Pair[] = []
  let last: Pair | undefined
  for (const one of (map as YAMLMap).items) {
    const name = isScalar(one.key) ? String(one.key.value) : ''
    const now = renamed.get(name)
    if (now === undefined) {
      removed.push(one)
      continue
    }
    last = one
    if (now !== name) edits.push(page.replace(one.key, now))
    const value = values.get(name)
    if (value !== undefined) edits.push(page.replace(one.value, scalar(value)))
  }
  const gone = page.removePairs(map, removed)
  if (last === undefined || gone === undefined) return undefined
  const indent = ' '.repeat(page.columnOf(last))
  const lines = more.map(([name, value]) => `${indent}${name}: ${scalar(value)}`)
  return [...edits, ...gone, ...(lines.length > 0 ? [page.insertBelow(last, lines)] : [])]
}

/** A string as YAML, without quotes if possible. */
export const scalar = (text: string): string =>
  /^[\w$./][^#]*$/.test(text) && !/: |:$/.test(text) && !/^(?:true|false|null|yes|no|on|off|\d[\d.e_]*)$/i.test(text)
    ? text
    : `'${text.replaceAll("'", "''")}'`

/** The inputs of this action for a step, by name, for a person who makes the change by hand. */
export function writtenInputs(step: Step, { values, more }: NewInputs): readonly (readonly [string, string])[] {
  const plain = [...(step.inputs ?? [])].flatMap(([name, text]) => {
    const now = renamed.get(name)
    return now === undefined ? [] : [[now, (values.get(name) ?? text).trim()] as const]
  })
  return [...plain, ...more]
}
