import type { Need } from './facts.ts'
import type { Tool } from './packages/choose.ts'

/** What is already available, as far as it decides what has to be installed. */
export interface Present {
  readonly tools: ReadonlySet<Tool>
  /** An engine answers. It may be remote, so its daemon is not necessarily installed here. */
  readonly engine: boolean
  readonly emulators: boolean
  /** The layers of the bases, and of BuildKit, are in the cache. */
  readonly bases: boolean
  readonly buildkit: boolean
  readonly mailhog: boolean
  readonly registry3: boolean
  /** Public registries are reachable, so no image has to be built here. */
  readonly publicRegistry: boolean
}

/** `needs` and everything that they depend on, in the order of preparation. Pure. */
export function withPrerequisites(needs: readonly Need[]): readonly Need[] {
  const wanted = new Set<Need>(needs)
  const second = wanted.has('classic-engine') || wanted.has('containerd-engine')
  if (second || wanted.has('buildkit') || wanted.has('bases')) wanted.add('engine')
  if (wanted.has('bases') || wanted.has('buildkit')) wanted.add('registry')
  const order: readonly Need[] = [
    'engine',
    'classic-engine',
    'containerd-engine',
    'emulators',
    'registry',
    'bases',
    'buildkit',
    'browser',
    'cosign',
    'sshd',
    'mailhog',
    'registry3',
  ]
  return order.filter((need) => wanted.has(need))
}

/** The tools that have to be installed for these needs. Pure. */
export function missingTools(needs: readonly Need[], present: Present): readonly Tool[] {
  const wanted = new Set<Tool>()
  const has = (need: Need) => needs.includes(need)
  if (has('engine')) {
    if (!present.engine) wanted.add('daemon')
    for (const tool of ['client', 'buildx', 'compose'] as const) wanted.add(tool)
  }
  if (has('classic-engine') || has('containerd-engine')) wanted.add('daemon')
  if (has('emulators') && !present.emulators) wanted.add('qemu')
  for (const tool of ['browser', 'cosign', 'sshd'] as const) if (has(tool)) wanted.add(tool)
  for (const made of ['mailhog', 'registry3'] as const) if (has(made) && !present[made]) wanted.add('go')
  if (has('registry') && !present.publicRegistry) wanted.add('registry')
  if (!present.publicRegistry) {
    if (has('bases') && !present.bases) wanted.add('mmdebstrap')
    if (has('buildkit') && !present.buildkit) {
      wanted.add('mmdebstrap')
      wanted.add('go')
    }
  }
  return [...wanted].filter((tool) => !present.tools.has(tool))
}
