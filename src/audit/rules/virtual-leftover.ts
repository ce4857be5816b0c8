import { safeLine } from '../../core/text.ts'
import { installOf, lastRemovals } from '../../dockerfile/installs.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import { isBuildTool, isDevelopment, mayServeAtRunTime } from '../../image/build-tools.ts'
import { at, placeOfLayer, type Remark, type Rule, type Subject, stepsOf, sumOf } from '../rule.ts'

/** Names that say that what is in the group is to stay, or to go. */
const staying = /(?:^|[._-])(?:run(?:time)?(?:-?dep\w{0,20})?|persistent|permanent|production)(?:[._-]|$)/
const going = /(?:^|[._-])(?:build|dev|compil|te?mp|make|fetch)/

/** By the name of the group and what is in it; undefined where it is meant to stay. A group that may be needed while the add-on runs is a notice. */
function remarkOf(name: string, packages: readonly string[]): Pick<Remark, 'message' | 'fix' | 'severity'> | undefined {
  if (staying.test(name)) return undefined
  const shown = safeLine(name)
  const message = `The package group ${shown} is left installed.`
  const fix = `Add "apk del --no-network ${shown}" to the end of the RUN that installs it.`
  const isTool = (one: string) => (isBuildTool(one) && !mayServeAtRunTime(one)) || isDevelopment(one)
  return going.test(name) || packages.some(isTool)
    ? { message, fix }
    : {
        message,
        fix: `If the add-on needs these packages while it runs, install them without "--virtual". If not: ${fix}`,
        severity: 'notice',
      }
}

export const virtualLeftover: Rule = {
  id: 'image/virtual-leftover',
  severity: 'warning',
  reason: 'A group made with "apk add --virtual" is meant to be deleted in the same RUN; otherwise all of it stays.',
  source: 'Alpine Linux wiki: Alpine Package Keeper',
  link: 'https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper',
  check: (subject) => (subject.image ? inImage(subject) : inDockerfile(subject)),
}

function inImage(subject: Subject): readonly Remark[] {
  const { image } = subject
  const packages = image?.measure.contents?.packages ?? []
  return (image?.notes.files ?? []).flatMap(({ kind, detail = '' }) => {
    if (kind !== 'virtual-package') return []
    const [name = '', ...needs] = detail.split(' ')
    const own = packages.find((one) => one.manager === 'apk' && one.name === name)
    const layer = own?.layer ?? 0
    if (layer < (image?.firstOwn ?? 0)) return []
    // What the names stand for; what these need in turn may be needed by others.
    const held = packages.filter(
      (one) => one.manager === 'apk' && needs.includes(one.name) && (one.layer ?? 0) >= (image?.firstOwn ?? 0),
    )
    const remark = remarkOf(name, needs)
    return remark ? [{ ...remark, bytes: sumOf(held), ...placeOfLayer(subject, layer) }] : []
  })
}

function inDockerfile(subject: Subject): readonly Remark[] {
  const { dockerfile } = subject
  if (!dockerfile) return []
  const runs = stepsOf(subject, 'RUN').map((step) => ({ step, commands: commandsOf(step) }))
  const removals = lastRemovals(runs)
  return runs.flatMap(({ step, commands }, index) =>
    commands.flatMap((words) => {
      const { virtual, packages } = installOf(words) ?? {}
      // One that a later layer deletes leaves its bytes behind, which layer/deleted-later reports.
      if (virtual === undefined || (removals.get(virtual) ?? -1) >= index) return []
      const remark = remarkOf(virtual, packages ?? [])
      return remark ? [{ ...remark, where: at(dockerfile, step) }] : []
    }),
  )
}
