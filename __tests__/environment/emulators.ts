import { existsSync, readFileSync } from 'node:fs'
import { type Architecture, emulatorOf, isNative } from '../../src/core/architecture.ts'
import { isUsable } from '../../src/docker/emulation.ts'
import { isThere } from './machine/command.ts'
import { type Machine, mustAsRoot } from './machine/machine.ts'

const folder = '/proc/sys/fs/binfmt_misc'
export const testedArchitectures: readonly Architecture[] = ['amd64', 'aarch64', 'armv7']

/**
 * Magic and mask of an ELF executable, as QEMU's own qemu-binfmt-conf.sh has them.
 * The header's type may be executable or shared object (fe), its ABI any (00).
 */
const headers: Readonly<Record<string, string>> = {
  'qemu-aarch64':
    '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:' +
    '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff',
  'qemu-arm':
    '\\x7fELF\\x01\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x28\\x00:' +
    '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff',
  'qemu-x86_64':
    '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x3e\\x00:' +
    '\\xff\\xff\\xff\\xff\\xff\\xfe\\xfe\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff',
}

/**
 * The line for binfmt_misc's `register`. F: the kernel opens the interpreter at registration, so that it also works in containers. P: the program keeps
 * its argv[0]; Debian's QEMU recognises this mode by the suffix of its own file name. Pure.
 */
export function registration(emulator: string, interpreter: string): string {
  const header = headers[emulator]
  if (header === undefined) throw new Error(`no ELF header is known for ${emulator}`)
  return `:${emulator}:M::${header}:${interpreter}:${interpreter.endsWith('-binfmt-P') ? 'P' : ''}OCF`
}

export function readHandler(emulator: string): string | undefined {
  const file = `${folder}/${emulator}`
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** The missing emulators for the tested architectures. */
export const missingEmulators = (machine: Machine): readonly string[] =>
  foreign(machine).filter((emulator) => !isUsable(readHandler(emulator)))

const foreign = (machine: Machine): readonly string[] =>
  testedArchitectures
    .filter((architecture) => !isNative(architecture, machine.architecture === 'arm64' ? 'arm64' : 'x64'))
    .map(emulatorOf)

/** Registers the installed emulators. `all`: registers existing handlers again, because their program was replaced. */
export async function registerEmulators(machine: Machine, all: boolean): Promise<void> {
  if (!existsSync(`${folder}/register`)) {
    await mustAsRoot(machine, 'mount', ['-t', 'binfmt_misc', 'binfmt_misc', folder])
  }
  for (const emulator of all ? foreign(machine) : missingEmulators(machine)) {
    const interpreter = await interpreterOf(emulator)
    if (interpreter === undefined) throw new Error(`${emulator} is not installed`)
    if (existsSync(`${folder}/${emulator}`)) {
      await mustAsRoot(machine, 'tee', [`${folder}/${emulator}`], { input: '-1' })
    }
    await mustAsRoot(machine, 'tee', [`${folder}/register`], { input: registration(emulator, interpreter) })
  }
}

/** Always a statically linked program, because containers do not have the libraries of this machine. */
async function interpreterOf(emulator: string): Promise<string | undefined> {
  const candidates = [
    `/usr/libexec/qemu-binfmt/${emulator.replace('qemu-', '')}-binfmt-P`,
    `/usr/bin/${emulator}-static`,
  ]
  for (const candidate of candidates) if (await isThere(candidate)) return candidate
  return undefined
}
