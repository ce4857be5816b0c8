// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile.
import { config, dockerfile } from './checkout.ts'

const size = 1_000_000
const full = (text: string, head = ''): string => head + text.repeat(Math.ceil((size - head.length) / text.length))

const alphabet = 'abcdefghijklmnopqrstuvwxyz'
/** Words that are all different. */
const words = (): string =>
  Array.from({ length: size / 10 }, (_, index) => `w${index.toString(36)}`.padEnd(10, 'x')).join('\n')

/** What a file of 1 MB is full of: each is the worst case of some reader. */
const fillings: Readonly<Record<string, () => string>> = {
  blanks: () => full(' '),
  lines: () => full('\n'),
  brackets: () => full('['),
  dashes: () => full('- '),
  keys: () => Array.from({ length: size / 10 }, (_, index) => `k${index}: value`).join('\n'),
  aliases: () => full('*a, ', 'a: &a x\nb: ['),
  quotes: () => full('"'),
  stars: () => full('*a'),
  negations: () => full('!a\n'),
  expressions: () => full('(a+)+b\n'),
  classes: () => full('[a-'),
  slashes: () => full('/'),
  separators: () => full('\u2028'),
  heredocs: () => full('RUN <<EOF\n', 'FROM a\n'),
  blankHeredoc: () => full(' ', 'FROM a\nRUN <<EOF\n'),
  arguments: () => full('ARG A=$A$A\n'),
  runs: () => full('RUN a\n', 'FROM a\n'),
  continuations: () => full('\\\n', 'FROM a\nRUN a '),
  words,
  noise: () => Array.from({ length: size / 2 }, (_, index) => alphabet[(index * 7919) % 26]).join('\n'),
}

const names = Object.keys(fillings)

/** A hundred files of 1 MB, of every kind that is read by itself: nothing of it can be planned. */
export function refusedMegabytes(): Readonly<Record<string, string>> {
  const kinds = ['config.yaml', 'build.yaml', 'Dockerfile', '.dockerignore', 'config.json']
  return Object.fromEntries(
    names.flatMap((name, index) =>
      kinds.map((kind, of) => [`a${index}/${kind}`, fillings[names[(index + of) % names.length] ?? name]?.() ?? '']),
    ),
  )
}

/** A hundred files of 1 MB beside add-ons that are fine otherwise, so that everything is read that a run reads after the plan. */
export function plannedMegabytes(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name, index): (readonly [string, string])[] => {
      const filling = fillings[name]?.() ?? ''
      return [
        [`a${index}/config.yaml`, config(`a${index}`)],
        [`a${index}/Dockerfile`, `${dockerfile}COPY rootfs /\nCOPY run.sh **/*a*b /x/\n`],
        [`a${index}/.dockerignore`, filling],
        [`a${index}/run.sh`, `#!/bin/sh\n${filling}`],
        [`a${index}/rootfs/usr/bin/x`, `#!/usr/bin/env ${filling}`],
        [`a${index}/translations/en.yaml`, filling],
        [`a${index}/README.md`, filling],
      ]
    }),
  )
}
