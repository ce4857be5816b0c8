import { plain } from '../../size/words.ts'
import { installOf } from '../dockerfile/installs.ts'
import { commandsOf } from '../dockerfile/shell.ts'
import { at, placeOfLayer, type Remark, type Rule, type Subject, stepsOf, sumOf } from '../rule.ts'

const fixOf = (name: string): string => `Add "apk del --no-network ${name}" to the end of the RUN that installs it.`

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
    const shown = plain(name)
    return [
      {
        message: `The package group ${shown} is left installed.`,
        fix: fixOf(shown),
        bytes: sumOf(held),
        ...placeOfLayer(subject, layer),
      },
    ]
  })
}

function inDockerfile(subject: Subject): readonly Remark[] {
  const { dockerfile } = subject
  if (!dockerfile) return []
  return stepsOf(subject, 'RUN').flatMap((step) => {
    const commands = commandsOf(step)
    const deleted = commands.filter((words) => words[0] === 'apk' && words.includes('del')).flat()
    return commands.flatMap((words) => {
      const name = installOf(words)?.virtual
      if (name === undefined || deleted.includes(name)) return []
      const shown = plain(name)
      return [
        { message: `The package group ${shown} is left installed.`, fix: fixOf(shown), where: at(dockerfile, step) },
      ]
    })
  })
}
