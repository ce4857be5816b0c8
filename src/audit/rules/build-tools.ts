import { installOf, lastRemovals, removalOf } from '../../dockerfile/installs.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import { belongsToTools, isBuildTool, mayServeAtRunTime } from '../../image/build-tools.ts'
import { at, placeOfLayer, type Remark, type Rule, type Subject, some, stepsOf, sumOf } from '../rule.ts'

const fix = 'Compile in a stage of its own and copy only the result, with COPY --from, into the last stage.'

/** Compilers that stay in the image: with the image by its package database, before a build by what the last stage installs. */
export const buildTools: Rule = {
  id: 'image/build-tools',
  severity: 'warning',
  reason: 'Compilers are needed once; in the image they are downloaded by every device and help whoever breaks in.',
  source: 'Docker, building best practices: use multi-stage builds',
  link: 'https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds',
  check: (subject) => (subject.image ? inImage(subject) : inDockerfile(subject)),
}

function inImage(subject: Subject): readonly Remark[] {
  const { image } = subject
  const tools = (image?.measure.contents?.packages ?? []).filter(
    ({ manager, name, layer = 0 }) =>
      (manager === 'apk' || manager === 'dpkg') && layer >= (image?.firstOwn ?? 0) && belongsToTools(name),
  )
  const named = tools.filter(({ name }) => isBuildTool(name))
  if (named.length === 0) return []
  const layer = Math.min(...named.map((tool) => tool.layer ?? 0))
  const remark = remarkOf(named.map(({ name }) => name).sort())
  return [{ ...remark, bytes: sumOf(tools), ...placeOfLayer(subject, layer) }]
}

function inDockerfile(subject: Subject): readonly Remark[] {
  const { dockerfile } = subject
  if (!dockerfile) return []
  const runs = stepsOf(subject, 'RUN').map((step) => ({ step, commands: commandsOf(step) }))
  const removals = lastRemovals(runs)
  return runs.flatMap(({ step, commands }, index) => {
    const isRemoved = (name: string): boolean => (removals.get(name) ?? -1) > index
    // In the same layer they leave nothing behind.
    if (commands.some((words) => removalOf(words))) return []
    // In a later one they leave their bytes behind, which layer/deleted-later reports.
    const tools = commands
      .flatMap((words) => installOf(words) ?? [])
      .filter(({ virtual }) => virtual === undefined || !isRemoved(virtual))
      .flatMap(({ packages }) => packages)
      .filter((name) => isBuildTool(name) && !isRemoved(name))
    return tools.length === 0 ? [] : [{ ...remarkOf(tools), where: at(dockerfile, step) }]
  })
}

/** Some tools serve running programs as well, and nothing tells which it is. */
const remarkOf = (tools: readonly string[]): Pick<Remark, 'message' | 'fix' | 'severity'> => {
  const message = `Build tools are left in the image: ${some(tools)}.`
  return tools.every(mayServeAtRunTime)
    ? { message, fix: `Remove them, unless the add-on itself calls them while it runs. ${fix}`, severity: 'notice' }
    : { message, fix }
}
