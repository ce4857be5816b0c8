import { type Architecture, architectures, parseArchitecture } from '../core/architecture.ts'
import { capabilities, isDevicePath } from '../core/container-rules.ts'
import { isWrong, type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'
import { nearest, suggestion } from '../core/suggest.ts'
import { trimEndChars } from '../core/text.ts'
import { assignment } from './lists.ts'
import type { GateAction } from './options.ts'
import { checkTemplate, tagPlaceholders } from './template.ts'

export const gateActions = ['fail', 'warn', 'off'] as const

export function architecture(text: string): Parsed<Architecture> {
  const known = parseArchitecture(text)
  return known ? parsed(known) : wrong(`Architecture ${quoted(text)} is not known.`, suggestion(text, architectures))
}

/** Checks of other tools that the audit includes: `buildkit/JSONArgsRecommended`, `hadolint/DL3008`. */
export const foreignRule = /^(?:buildkit\/[A-Z]\w{2,60}|hadolint\/[A-Z]{2}\d{4})$/

/** @param known names of the audit's own rules. Undefined: any name is accepted. */
export const auditRule = (text: string, known: readonly string[] | undefined): Parsed<string> =>
  known === undefined || known.includes(text) || foreignRule.test(text)
    ? parsed(text)
    : wrong(`${quoted(text)} is not a rule of the audit.`, suggestion(text, known))

/** Parses a text that must match a pattern. */
const matching =
  (pattern: RegExp, expected: string, remedy: string) =>
  (text: string): Parsed<string> =>
    pattern.test(text) ? parsed(text) : wrong(`${quoted(text)} is not ${expected}.`, remedy)

export const versionText = matching(
  /^[\w][\w.+-]{0,127}$/,
  'a valid version',
  'Use letters, digits, ".", "-", "_" and "+", at most 128.',
)

export function tagTemplate(text: string): Parsed<string> {
  const checked = checkTemplate(text, tagPlaceholders)
  if (isWrong(checked)) return checked
  return /[/:@\s]/.test(text)
    ? wrong(
        `${quoted(text)} is not only a tag.`,
        'Write only the tag, for example "{version}". The name comes from "image".',
      )
    : checked
}

export const plainName = matching(/^[A-Za-z0-9][\w.-]*$/, 'a valid name', 'Use letters, digits, ".", "-" and "_".')

/** Part of a tag and of an image name. */
export const channelName = matching(
  /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
  'a valid channel',
  'Use lower-case letters, digits and "-", at most 40.',
)

export const commentKey = matching(
  /^[\w. /:@-]{1,100}$/,
  'a valid key',
  'Use letters, digits, spaces, ".", "-", "_" and "/", at most 100.',
)

export function registry(text: string): Parsed<string> {
  const host = trimEndChars(text.replace(/^https?:\/\//, ''), '/')
  return /^[A-Za-z0-9.-]+(:\d+)?(\/[\w./-]+)?$/.test(host) || /^\[[0-9a-f:]+\](:\d+)?$/i.test(host)
    ? parsed(host)
    : wrong(`${quoted(text)} is not a registry.`, 'Write its address, for example "ghcr.io".')
}

export const driverOption = matching(/^"?[a-z0-9._-]+=./i, 'an option', 'Write "key=value".')

export function runner(line: string): Parsed<readonly [Architecture, string]> {
  const pair = assignment(line, /^[\w/-]+$/)
  if (isWrong(pair)) return wrong(pair.problem, 'Write one per line, for example "aarch64=ubuntu-24.04-arm".')
  const known = architecture(pair.value[0])
  if (isWrong(known)) return known
  const label = pair.value[1].trim()
  return label === ''
    ? wrong(`${known.value} has no runner.`, 'Write the runner label after "=".')
    : parsed([known.value, label])
}

export function check(item: string, names: readonly string[] | undefined): Parsed<readonly [string, GateAction]> {
  const [name = '', gate = ''] = item.split('=').map((part) => part.trim())
  if (names && !names.includes(name)) return wrong(`${quoted(name)} is not a check.`, suggestion(name, names))
  const meant = gate === 'false' ? 'off' : gate
  return (gateActions as readonly string[]).includes(meant)
    ? parsed([name, meant as GateAction])
    : wrong(
        `${quoted(item)} does not set what a failing check does.`,
        `Write for example "${name || 'memory'}=warn" (fail, warn, off).`,
      )
}

/** A value of Home Assistant's `privileged`, or the path of a device. */
export function privilege(text: string): Parsed<string> {
  if ((capabilities as readonly string[]).includes(text) || isDevicePath(text)) return parsed(text)
  const near = text.startsWith('/') ? undefined : nearest(text.replace(/^CAP_/i, ''), capabilities)
  const all = `Use a device path such as "/dev/ttyUSB0", or one of: ${capabilities.join(', ')}.`
  return wrong(
    `${quoted(text)} is neither a capability that Home Assistant supports nor a device path.`,
    near === undefined ? all : `Did you mean "${near}"? ${all}`,
  )
}
