import { wordsIn } from '../dockerfile/instructions.ts'
import type { Target } from '../plan/plan.ts'
import { baseImageOf, instructionsOf, type RuleInput } from './rule.ts'

const s6Bases =
  /(?:^|\/)(?:(?:home-assistant|hassio-?addons|homeassistant)\/(?:[\w-]+-)?base(?:-[\w-]+)?(?:\/[\w-]+)?(?::|@|$)|linuxserver\/)/

/** Whether process 1 is s6-overlay (`/init`): by the config of the image, or by the Dockerfile and the name of its base image. */
export function startsS6(input: RuleInput): boolean {
  const { image } = input
  if (image) return (image.config.entrypoint[0] ?? image.config.command[0]) === '/init'
  const entrypoint = instructionsOf(input, 'ENTRYPOINT').at(-1)
  if (entrypoint) return wordsIn(entrypoint)[0] === '/init'
  const base = baseImageOf(input)
  return base.length <= 512 && s6Bases.test(base)
}

const baseSlug = /^(?:(?:alpine|debian|raspbian|ubuntu)[-_])?base(?:[-_](?:python|nodejs|debian|raspbian|ubuntu))?$/

/** Whether the target is a base image for add-ons. It is never installed: its config.yaml only serves the build. */
export const isBaseImage = ({ addon }: Pick<Target, 'addon'>): boolean => baseSlug.test(addon)
