import { readFile } from 'node:fs/promises'
import { type Architecture, binfmtNameOf, emulatorOf, isNative } from '../core/architecture.ts'
import { error, Failure } from '../core/diagnostics.ts'
import type { Log, Processes } from '../core/host.ts'
import type { Options } from '../inputs/options.ts'

/** Reads a handler of binfmt_misc; undefined when there is none. */
type ReadHandler = (emulator: string) => Promise<string | undefined>

export const readHandler: ReadHandler = (emulator) =>
  readFile(`/proc/sys/fs/binfmt_misc/${emulator}`, 'utf8').catch(() => undefined)

/** Enabled, and with flag F: the kernel opens the interpreter outside the container. Source: Documentation/admin-guide/binfmt-misc.rst. */
export const isUsable = (handler: string | undefined): boolean =>
  handler !== undefined && /^enabled/m.test(handler) && /^flags:.*F/m.test(handler)

/** The architectures that need an emulator on this machine and have no usable one. */
export async function missingEmulators(
  architectures: readonly Architecture[],
  machine: string,
  read: ReadHandler = readHandler,
): Promise<readonly Architecture[]> {
  const foreign = architectures.filter((architecture) => !isNative(architecture, machine))
  const usable = await Promise.all(foreign.map(async (architecture) => isUsable(await read(emulatorOf(architecture)))))
  return foreign.filter((_, index) => !usable[index])
}

export const installArguments = (image: string, architectures: readonly Architecture[]): readonly string[] => [
  'run',
  '--rm',
  '--privileged',
  '--network=none',
  image,
  '--install',
  [...new Set(architectures.map(binfmtNameOf))].join(','),
]

/** Registers QEMU for foreign architectures without a usable emulator. The handlers stay: another job on this machine may use them. */
export async function prepareEmulation(
  architectures: readonly Architecture[],
  machine: string,
  options: Pick<Options, 'qemu' | 'qemuImage'>,
  { processes, log }: { readonly processes: Processes; readonly log: Log },
  read: ReadHandler = readHandler,
): Promise<void> {
  if (options.qemu === 'never') return
  const foreign = architectures.filter((architecture) => !isNative(architecture, machine))
  const wanted = options.qemu === 'always' ? foreign : await missingEmulators(architectures, machine, read)
  if (wanted.length === 0) return
  log.info(`QEMU: registering ${wanted.join(', ')} with ${options.qemuImage}`)
  const answer = await processes.exec('docker', installArguments(options.qemuImage, wanted), { timeoutMs: 180_000 })
  if (answer.exitCode !== 0) {
    throw new Failure('environment', [
      error(
        'environment/no-emulator',
        `QEMU for ${wanted.join(', ')} could not be registered: ${answer.stderr.trim().split('\n').at(-1)}.`,
        'Install qemu-user-static and binfmt-support on this machine, set "qemu-image" to an image that it can pull, or build these architectures on native runners.',
      ),
    ])
  }
}
