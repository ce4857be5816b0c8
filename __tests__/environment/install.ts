import { createInterface } from 'node:readline/promises'
import { missingEmulators, registerEmulators } from './emulators.ts'
import { configureEngine } from './engine/configuration.ts'
import { observeEngine } from './engine/observe.ts'
import type { Need } from './facts.ts'
import { basesAreCached, reachesPublicRegistry } from './images/bases.ts'
import { engineHas, planBuildkit } from './images/buildkit.ts'
import { mailhog, planProgram, programIsCached, registry3 } from './images/go-programs.ts'
import { cachedLayer } from './images/layers.ts'
import { type Machine, mustAsRoot } from './machine/machine.ts'
import { choosePackages, type Tool } from './packages/choose.ts'
import { hasApt, installPackages } from './packages/install.ts'
import { missingTools, type Present } from './plan.ts'
import { findTools } from './tools.ts'

/** Pieces that are pulled from a public registry if it is reachable. */
const publicImages: readonly Need[] = ['registry', 'bases', 'buildkit', 'emulators']

/** The tools after installation, and why packages could not be installed. */
export interface Installed {
  readonly present: Present
  readonly installed: readonly Tool[]
  readonly refused?: string
}

/** Installs the missing packages for `needs`. Never rejects: a failure is reported for each piece that needs the package. */
export async function installMissing(
  machine: Machine,
  needs: readonly Need[],
  image: string,
  say: (line: string) => void,
): Promise<Installed> {
  const before = await observe(machine, needs, image)
  const missing = missingTools(needs, before)
  if (missing.length === 0) return { present: before, installed: [] }
  const { packages } = choosePackages(machine.release, missing)
  // A release may have no package for a tool; this is reported for the piece that needs it.
  if (packages.length === 0) return { present: before, installed: [] }
  const refused = await whyNot(machine, packages)
  if (refused !== undefined) return { present: before, installed: [], refused }
  say(`test environment: installing ${packages.join(' ')}`)
  try {
    await install(machine, missing)
    return { present: { ...before, tools: await findTools() }, installed: missing }
  } catch (thrown) {
    const refused = `apt: ${thrown instanceof Error ? thrown.message : thrown}`
    return { present: { ...before, tools: await findTools() }, installed: [], refused }
  }
}

/** Checks only what `needs` depend on: a request to a public registry, or reading a layer, takes longer than all other checks together. */
async function observe(machine: Machine, needs: readonly Need[], image: string): Promise<Present> {
  const tools = await findTools()
  const state = await observeEngine(machine)
  const plan = await planBuildkit(machine, image)
  const isMade = async (program: typeof mailhog) => programIsCached(await planProgram(machine, program), program)
  const dockerHost = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'
  return {
    tools,
    // An engine that only denies access to this user is made accessible later.
    engine: state.answer !== 'no',
    emulators: missingEmulators(machine).length === 0,
    bases: needs.includes('bases') && (await basesAreCached(machine)),
    buildkit:
      needs.includes('buildkit') &&
      ((await cachedLayer(plan)) !== undefined || (await engineHas(image, plan, dockerHost))),
    mailhog: needs.includes('mailhog') && (await isMade(mailhog)),
    registry3: needs.includes('registry3') && (await isMade(registry3)),
    publicRegistry:
      tools.has('buildx') && needs.some((need) => publicImages.includes(need)) && (await reachesPublicRegistry()),
  }
}

/** Why nothing may be installed; undefined if installation is allowed. Asks the user at an interactive terminal. */
async function whyNot(machine: Machine, packages: readonly string[]): Promise<string | undefined> {
  if (machine.githubRunner) return 'nothing is installed on a GitHub runner'
  if (machine.rights === 'none') return 'this user may not install packages'
  if (!(await hasApt())) return 'this machine has no apt'
  if (!machine.interactive) return undefined
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`test environment: install ${packages.join(' ')}? [Y/n] `)
  terminal.close()
  return /^(y(es)?)?$/i.test(answer.trim()) ? undefined : 'installation declined by the user'
}

async function install(machine: Machine, missing: readonly Tool[]): Promise<void> {
  if (missing.includes('daemon')) await configureEngine(machine, { installing: true })
  await installPackages(machine, choosePackages(machine.release, missing))
  if (missing.includes('sshd') && machine.systemd) {
    // The tests need the programs only, not a machine that accepts logins.
    await mustAsRoot(machine, 'systemctl', ['disable', '--now', 'ssh.socket', 'ssh.service']).catch(() => {})
  }
  if (missing.includes('registry') && machine.systemd) {
    // The package starts a permanent service; the tests run their own registry.
    await mustAsRoot(machine, 'systemctl', ['disable', '--now', 'docker-registry.service']).catch(() => {})
  }
  // Registered handlers still refer to the program that was just replaced.
  if (missing.includes('qemu')) await registerEmulators(machine, true)
}
