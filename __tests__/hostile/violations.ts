import { posix } from 'node:path'
import { parseCommand } from '../fakes/runner/commands.ts'
import { type PrintedTarget, wrongArguments } from './arguments.ts'
import { canary } from './checkout.ts'
import type { Observation } from './enter.ts'

interface PrintedPlan {
  readonly addons: readonly {
    readonly slug: string
    readonly folder: string
    readonly version: string
    readonly multiArch?: { readonly image: string; readonly tags: readonly string[] }
    readonly targets: readonly PrintedTarget[]
  }[]
}

// Written anew, and not taken from src: the two have to agree.
const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const imageName = new RegExp(`^(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\\d+)?/)?${part}(?:/${part})*$`)
const tag = /^\w[\w.-]{0,127}$/
const slug = /^(?!\.+$)[-_.A-Za-z0-9]{1,255}$/
const key = /^[^\s=\p{Cc}-][^\s=\p{Cc}]*$/u

/** How much a hostile checkout may make a run say: outputs of a job are cut at 1 MB, and a log has to be read. */
const longestOutput = 8 * 1024 * 1024

/** Everything that a run must not do, say or leave, whatever the checkout holds. Empty: it held. */
export function violationsOf(seen: Observation): readonly string[] {
  const wrong: string[] = []
  if (seen.exitCode !== 0 && seen.exitCode !== 2) wrong.push(`exit code ${seen.exitCode}`)
  for (const { code, message, remedy } of seen.reported) {
    if (code === 'environment/unexpected') wrong.push(`a defect: ${message.slice(0, 200)}`)
    if (`${message} ${remedy}`.includes('[object ')) wrong.push(`no message: ${message}`)
  }
  if (seen.exitCode === 2 && !seen.reported.some(({ severity }) => severity === 'error'))
    wrong.push('2 without an error')
  for (const [command] of seen.started)
    if (command !== 'git' && !/\/git$/.test(command ?? '')) wrong.push(`it started ${command}`)
  for (const name of seen.touched) wrong.push(`it touched ${JSON.stringify(name)}`)
  const texts = new Map([...seen.written, ...seen.outputs, ['the log', seen.printed], ['the summary', seen.summary]])
  for (const [name, text] of texts) {
    if (text.includes(canary)) wrong.push(`${name} has the canary`)
    if (text.includes('root:x:0:0')) wrong.push(`${name} has /etc/passwd`)
    if (text.length > longestOutput) wrong.push(`${name} has ${text.length} characters`)
  }
  for (const name of ['report.html', 'report.md']) {
    if (/<script>hostile|<img src=x/.test(seen.written.get(name) ?? '')) wrong.push(`${name} has a live element`)
  }
  return [
    ...new Set([
      ...wrong,
      ...wrongLog(seen),
      ...(seen.exitCode === 0 ? wrongPlan(seen.outputs.get('plan'), seen.workspace) : []),
    ]),
  ]
}

/** Commands are those that the log was asked for, no more; and no character reaches a terminal that it would act on. */
function wrongLog({ printed, reported, folds }: Observation): readonly string[] {
  const lines = printed.split(/\r\n|[\n\r]/)
  // The runner is written in .NET, whose Trim takes more away than JavaScript's.
  const commands = lines.flatMap((line) => parseCommand(line.replace(/^[\s\u0085\u180e\u200b]+/, '')) ?? [])
  const wrong: string[] = []
  const annotations = commands.filter(({ name }) => ['error', 'warning', 'notice'].includes(name))
  if (annotations.length !== reported.length) {
    wrong.push(`${annotations.length} annotations, and ${reported.length} were reported`)
  }
  const others = commands.filter(({ name }) => !['error', 'warning', 'notice', 'debug'].includes(name))
  const groups = others.filter(({ name }) => name === 'group' || name === 'endgroup')
  if (groups.length !== folds || groups.length !== others.length) {
    wrong.push(`commands from foreign text: ${others.map(({ name }) => name).join(', ')}`)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal acts on.
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.exec(printed.replaceAll('\r\n', '\n'))
  if (control) wrong.push(`the log has U+${control[0].charCodeAt(0).toString(16).padStart(4, '0')}`)
  return wrong
}

/** What of a plan does not fit its grammar, or would be another command than the one that was planned. */
export function wrongPlan(text: string | undefined, workspace: string): readonly string[] {
  if (text === undefined) return []
  const plan = JSON.parse(text) as PrintedPlan
  const wrong: string[] = []
  const check = (what: string, value: string, pattern: RegExp): void => {
    if (!pattern.test(value)) wrong.push(`${what} ${JSON.stringify(value.slice(0, 100))}`)
  }
  const inside = (path: string): void => {
    const plain = posix.normalize(path)
    if (posix.isAbsolute(plain) || plain === '..' || plain.startsWith('../')) wrong.push(`path ${JSON.stringify(path)}`)
    if (/\p{Cc}/u.test(path)) wrong.push('a path with a control character')
  }
  for (const { slug: name, folder, version, multiArch, targets } of plan.addons) {
    check('slug', name, slug)
    check('version', version, /^\w[\w.+-]{0,127}$/)
    inside(folder)
    for (const { image, tags } of [...targets, ...(multiArch ? [multiArch] : [])]) {
      if (image.length > 255) wrong.push('a name of an image that is too long')
      check('image', image, imageName)
      for (const one of tags) check('tag', one, tag)
    }
    for (const target of targets) {
      inside(target.context)
      inside(target.dockerfile)
      check('scope', target.cacheScope, /^[\w.-]{1,255}$/)
      check('base', target.baseImage ?? 'x', /^[^\s\p{Cc}-][^\s\p{Cc}]*$/u)
      for (const one of Object.keys(target.labels)) check('label', one, key)
      for (const one of Object.keys(target.buildArguments)) check('build argument', one, /^[A-Za-z_][A-Za-z0-9_]*$/)
      wrong.push(...wrongArguments(target, workspace))
    }
  }
  return wrong
}
