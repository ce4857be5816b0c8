import { createInterface } from 'node:readline/promises'
import { missingEmulators, registerEmulators } from './emulators.ts'
import { configureEngine } from './engine/configuration.ts'
import { observeEngine } from './engine/observe.ts'
import type { Need } from './facts.ts'
import { basesAreCached, reachesPublicRegistry } from './images/bases.ts'
import { engineHas, planBuildkit } from './images/buildkit.ts'
import { cachedLayer } from './images/layers.ts'
import { mailhogIsCached, planMailhog } from './images/mailhog.ts'
import { type Machine, mustAsRoot } from './machine/machine.ts'
import { choosePackages, type Tool } from './packages/choose.ts'
import { hasApt, installPackages } from './packages/install.ts'
import { missingTools, type Present } from './plan.ts'
import { findTools } from './tools.ts'

/** What comes from a public registry where that is reached. */
const publicImages: readonly Need[] = ['registry', 'bases', 'buildkit', 'emulators']

/** What there is after installing, and what could not be installed and why. */
export interface Installed {
  readonly present: Present
  readonly installed: readonly Tool[]
  readonly refused?: string
}

/** Installs the packages that `needs` ask for and that are not there. Never rejects: what fails shows up where it is needed. */
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
  // A release may have no package for a tool; that shows up where it is needed.
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

/** Looks only for what can matter: one look at a public registry, or at a layer, takes longer than all else. */
async function observe(machine: Machine, needs: readonly Need[], image: string): Promise<Present> {
  const tools = await findTools()
  const state = await observeEngine(machine)
  const plan = await planBuildkit(machine, image)
  const dockerHost = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'
  return {
    tools,
    // One that only denies this user is opened later.
    engine: state.answer !== 'no',
    emulators: missingEmulators(machine).length === 0,
    bases: needs.includes('bases') && (await basesAreCached(machine)),
    buildkit:
      needs.includes('buildkit') &&
      ((await cachedLayer(plan)) !== undefined || (await engineHas(image, plan, dockerHost))),
    mailhog: needs.includes('mailhog') && mailhogIsCached(await planMailhog(machine)),
    publicRegistry:
      tools.has('buildx') && needs.some((need) => publicImages.includes(need)) && (await reachesPublicRegistry()),
  }
}

/** Why nothing may be installed; undefined when it may. Asks, where somebody is there to be asked. */
async function whyNot(machine: Machine, packages: readonly string[]): Promise<string | undefined> {
  if (machine.githubRunner) return 'nothing is installed on a GitHub runner'
  if (machine.rights === 'none') return 'this user may not install packages'
  if (!(await hasApt())) return 'this machine has no apt'
  if (!machine.interactive) return undefined
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`test environment: install ${packages.join(' ')}? [Y/n] `)
  terminal.close()
  return /^(y(es)?)?$/i.test(answer.trim()) ? undefined : 'not installed, as answered'
}

async function install(machine: Machine, missing: readonly Tool[]): Promise<void> {
  if (missing.includes('daemon')) await configureEngine(machine, { installing: true })
  await installPackages(machine, choosePackages(machine.release, missing))
  if (missing.includes('sshd') && machine.systemd) {
    // Nobody asked for a machine that can be logged in to.
    await mustAsRoot(machine, 'systemctl', ['disable', '--now', 'ssh.socket', 'ssh.service']).catch(() => {})
  }
  if (missing.includes('registry') && machine.systemd) {
    // The package starts one for good; ours runs for the tests only.
    await mustAsRoot(machine, 'systemctl', ['disable', '--now', 'docker-registry.service']).catch(() => {})
  }
  // Handlers that were there keep the program open that was replaced just now.
  if (missing.includes('qemu')) await registerEmulators(machine, true)
}
