import { installOf, lastRemovals, removalOf } from '../../dockerfile/installs.ts'
import { commandsOf } from '../../dockerfile/shell.ts'
import { belongsToTools, isBuildTool, mayServeAtRunTime } from '../../image/build-tools.ts'
import {
  instructionsOf,
  layerLocation,
  listNames,
  ownPackages,
  type Rule,
  type RuleInput,
  totalBytes,
  type Violation,
} from '../rule.ts'

const fix = 'Compile in a separate stage and copy only the result into the last stage, with COPY --from.'

/** Compilers that stay in the image. Before a build, the packages that the last stage installs are checked instead of the package database. */
export const buildTools: Rule = {
  id: 'image/build-tools',
  severity: 'warning',
  reason:
    'Compilers are needed only during the build. In the image, every device downloads them and an attacker can use them.',
  source: 'Docker, building best practices: use multi-stage builds',
  link: 'https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds',
  check: (input) => (input.image ? inImage(input) : inDockerfile(input)),
}

function inImage(input: RuleInput): readonly Violation[] {
  const packages = ownPackages(input).filter(({ name }) => belongsToTools(name))
  const tools = packages.filter(({ name }) => isBuildTool(name))
  if (tools.length === 0) return []
  const layer = Math.min(...tools.map((tool) => tool.layer ?? 0))
  const violation = violationOf(tools.map(({ name }) => name).sort())
  return [{ ...violation, bytes: totalBytes(packages), ...layerLocation(input, layer) }]
}

function inDockerfile(input: RuleInput): readonly Violation[] {
  const runs = instructionsOf(input, 'RUN').map((run) => ({ where: run.where, commands: commandsOf(run) }))
  const removals = lastRemovals(runs)
  return runs.flatMap(({ where, commands }, index) => {
    const isRemoved = (name: string): boolean => (removals.get(name) ?? -1) > index
    // A RUN that also uninstalls packages usually leaves no tools in its layer.
    if (commands.some((words) => removalOf(words))) return []
    // Tools that a later RUN removes leave their bytes behind; layer/deleted-later reports that.
    const tools = commands
      .flatMap((words) => installOf(words) ?? [])
      .filter(({ virtual }) => virtual === undefined || !isRemoved(virtual))
      .flatMap(({ packages }) => packages)
      .filter((name) => isBuildTool(name) && !isRemoved(name))
    return tools.length === 0 ? [] : [{ ...violationOf(tools), where }]
  })
}

/** A notice if running programs may need all of the tools as well. */
const violationOf = (tools: readonly string[]): Pick<Violation, 'message' | 'fix' | 'severity'> => {
  const message = `Build tools are left in the image: ${listNames(tools)}.`
  return tools.every(mayServeAtRunTime)
    ? { message, fix: `Remove them unless the add-on calls them at run time. ${fix}`, severity: 'notice' }
    : { message, fix }
}
