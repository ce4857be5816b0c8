import { trimEndChars } from '../core/text.ts'
import type { Instruction } from './instructions.ts'

/** The simple commands of a shell script, as words without their quotes. Nothing is expanded or run. */
function commandsIn(script: string): readonly (readonly string[])[] {
  const commands: string[][] = []
  let words: string[] = []
  let word: string | undefined
  const endWord = () => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  const endCommand = () => {
    endWord()
    const bare = withoutPrefix(words)
    if (bare.length > 0) commands.push(bare)
    words = []
  }
  for (let at = 0; at < script.length; at++) {
    const letter = script[at] as string
    if (letter === '\\') {
      if (script[at + 1] !== '\n') word = (word ?? '') + (script[at + 1] ?? '')
      at++
    } else if (letter === "'" || letter === '"') {
      const [inside, end] = quoted(script, at)
      word = (word ?? '') + inside
      at = end
    } else if (letter === '#' && word === undefined) {
      const end = script.indexOf('\n', at)
      at = (end < 0 ? script.length : end) - 1
    } else if (letter === '\n' || ';&|(){}`'.includes(letter)) {
      // A brace inside a word belongs to it, as in `${VAR}`. A substitution is a separate command.
      if (word !== undefined && (letter === '{' || letter === '}')) word += letter
      else endCommand()
    } else if (letter === ' ' || letter === '\t' || letter === '\r') endWord()
    else word = (word ?? '') + letter
  }
  endCommand()
  return commands
}

function quoted(script: string, start: number): readonly [text: string, end: number] {
  const mark = script[start]
  let text = ''
  for (let at = start + 1; at < script.length; at++) {
    if (script[at] === mark) return [text, at]
    if (mark === '"' && script[at] === '\\' && at + 1 < script.length) at++
    text += script[at]
  }
  return [text, script.length]
}

const prefix = /^(?:if|then|else|elif|do|while|until|!|sudo|exec|time|command|env|[A-Za-z_]\w*=.*)$/s

function withoutPrefix(words: readonly string[]): string[] {
  const from = words.findIndex((word) => !prefix.test(word))
  return from < 0 ? [] : words.slice(from)
}

/** The commands of a RUN: the shell form, a here-document, or the JSON form. */
export function commandsOf(instruction: Instruction): readonly (readonly string[])[] {
  const { json, text } = instruction
  if (json) {
    const script = /^(?:.*\/)?(?:ba|da|a)?sh$/.test(json[0] ?? '') ? json.indexOf('-c') : -1
    const found = script > 0 ? json[script + 1] : undefined
    return found === undefined ? [json] : commandsIn(found)
  }
  const head = /^<<-?\s*(["']?)(\w+)\1[ \t]*\n/.exec(text)
  return commandsIn(head ? withoutLast(text.slice(head[0].length), head[2] as string) : text)
}

/** Without the line that ends a here-document. */
function withoutLast(body: string, name: string): string {
  const left = body.trimEnd()
  if (!left.endsWith(name)) return body
  const script = trimEndChars(left.slice(0, -name.length), ' \t')
  return script.endsWith('\n') ? script.slice(0, -1) : script
}

/** The mounts of a RUN, by option: `type`, `target`, `from` … Their content does not get into the layer. */
export const mountsOf = (instruction: Instruction): readonly ReadonlyMap<string, string>[] =>
  (instruction.flags.get('mount') ?? []).map(
    (mount) =>
      new Map(
        mount.split(',').map((part) => {
          const cut = part.indexOf('=')
          return cut < 0 ? [part, ''] : [part.slice(0, cut), part.slice(cut + 1)]
        }),
      ),
  )

export const mountTarget = (mount: ReadonlyMap<string, string>): string =>
  mount.get('target') ?? mount.get('dst') ?? mount.get('destination') ?? ''

/** Whether a mount covers a folder, so that files written there are not kept. */
export const isMounted = (instruction: Instruction, folder: string): boolean =>
  mountsOf(instruction).some((mount) => {
    const target = mountTarget(mount)
    return mount.get('type') !== 'bind' && target !== '' && `${folder}/`.startsWith(`${target.replace(/\/$/, '')}/`)
  })
