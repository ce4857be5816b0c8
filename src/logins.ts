import type { Login } from './options.ts'
import type { Plan } from './plan/plan.ts'
import { parseRepository } from './registry/name.ts'

/** Fills in what the inputs leave out: the registry of the image names, and the actor of the event. Pure. */
export function completeLogins(logins: readonly Login[], plan: Plan, actor: string): readonly Required<Login>[] {
  const images = plan.addons.flatMap(({ targets }) => targets.map(({ image }) => image))
  const registries = [...new Set(images.map((image) => parseRepository(image).registry))]
  return logins.flatMap((login) =>
    (login.registry === undefined ? registries : [login.registry]).map((registry) => ({
      registry,
      username: login.username ?? actor,
      password: login.password,
    })),
  )
}
