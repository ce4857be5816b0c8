import type { Target } from '../plan/plan.ts'
import { type Subject, stepsOf } from './rule.ts'

const s6Bases =
  /(?:^|\/)(?:(?:home-assistant|hassio-?addons|homeassistant)\/(?:[\w-]+-)?base(?:-[\w-]+)?(?:\/[\w-]+)?(?::|@|$)|linuxserver\/)/

/** Whether process 1 is s6-overlay (`/init`): by the image's config, or by the Dockerfile and the name of its base. */
export function startsS6(subject: Subject): boolean {
  const { image, dockerfile, target } = subject
  if (image) return (image.config.entrypoint[0] ?? image.config.command[0]) === '/init'
  const entrypoint = stepsOf(subject, 'ENTRYPOINT').at(-1)
  if (entrypoint) return (entrypoint.json?.[0] ?? entrypoint.text.split(/\s+/)[0]) === '/init'
  const base = target.baseImage ?? dockerfile?.chain[0]?.image ?? ''
  return base.length <= 512 && s6Bases.test(base)
}

const baseSlug = /^(?:(?:alpine|debian|raspbian|ubuntu)[-_])?base(?:[-_](?:python|nodejs|debian|raspbian|ubuntu))?$/

/** Whether what is built is a base for add-ons, which is never installed itself: its config.yaml only serves the build. */
export const isBaseImage = ({ addon }: Pick<Target, 'addon'>): boolean => baseSlug.test(addon)
