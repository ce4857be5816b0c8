import { safeLine } from '../../core/text.ts'
import { installOf, lastRemovals } from '../../dockerfile/installs.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import { isBuildTool, isDevelopment, mayServeAtRunTime } from '../../image/build-tools.ts'
import {
  instructionsOf,
  layerLocation,
  ownPackages,
  type Rule,
  type RuleInput,
  totalBytes,
  type Violation,
} from '../rule.ts'

/** Names of groups for run time, and of groups for the build. */
const forRunTime = /(?:^|[._-])(?:run(?:time)?(?:-?dep\w{0,20})?|persistent|permanent|production)(?:[._-]|$)/
const forBuild = /(?:^|[._-])(?:build|dev|compil|te?mp|make|fetch)/

/** Undefined for a group that is meant to stay. A group that may be needed at run time is a notice. */
function violationOf(
  name: string,
  packages: readonly string[],
): Pick<Violation, 'message' | 'fix' | 'severity'> | undefined {
  if (forRunTime.test(name)) return undefined
  const shown = safeLine(name)
  const message = `The package group ${shown} is left installed.`
  const fix = `Add "apk del --no-network ${shown}" to the end of the RUN that installs it.`
  const isTool = (one: string) => (isBuildTool(one) && !mayServeAtRunTime(one)) || isDevelopment(one)
  return forBuild.test(name) || packages.some(isTool)
    ? { message, fix }
    : {
        message,
        fix: `If the add-on needs these packages at run time, install them without "--virtual". Otherwise: ${fix}`,
        severity: 'notice',
      }
}

export const virtualLeftover: Rule = {
  id: 'image/virtual-leftover',
  severity: 'warning',
  reason:
    'A group of "apk add --virtual" must be deleted in the same RUN. Otherwise all its packages stay in the image.',
  source: 'Alpine Linux wiki: Alpine Package Keeper',
  link: 'https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper',
  check: (input) => (input.image ? inImage(input) : inDockerfile(input)),
}

function inImage(input: RuleInput): readonly Violation[] {
  const own = ownPackages(input).filter(({ manager }) => manager === 'apk')
  const firstOwn = input.image?.firstOwn ?? 0
  return (input.image?.notes.files ?? []).flatMap(({ kind, detail = '' }) => {
    if (kind !== 'virtual-package') return []
    const [name = '', ...members] = detail.split(' ')
    const layer = own.find((one) => one.name === name)?.layer ?? 0
    if (layer < firstOwn) return []
    // Only the members: their dependencies may be needed by other packages.
    const bytes = totalBytes(own.filter((one) => members.includes(one.name)))
    const violation = violationOf(name, members)
    return violation ? [{ ...violation, bytes, ...layerLocation(input, layer) }] : []
  })
}

function inDockerfile(input: RuleInput): readonly Violation[] {
  const runs = instructionsOf(input, 'RUN').map((run) => ({ where: run.where, commands: commandsOf(run) }))
  const removals = lastRemovals(runs)
  return runs.flatMap(({ where, commands }, index) =>
    commands.flatMap((words) => {
      const { virtual, packages = [] } = installOf(words) ?? {}
      // The same RUN or a later one uninstalls the group. If it is a later one, layer/deleted-later reports the bytes that stay.
      if (virtual === undefined || (removals.get(virtual) ?? -1) >= index) return []
      const violation = violationOf(virtual, packages)
      return violation ? [{ ...violation, where }] : []
    }),
  )
}
