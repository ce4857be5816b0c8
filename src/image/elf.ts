import { open } from 'node:fs/promises'

/** What the first bytes of a program say about the machines that can run it. */
export type Program =
  | { readonly kind: 'elf'; readonly machine: string; readonly interpreter?: string }
  /** `#!/bin/sh -e` → `/bin/sh`, `-e`. */
  | { readonly kind: 'script'; readonly interpreter: string; readonly argument?: string }
  | { readonly kind: 'unknown' }

/** Source: ELF specification, e_machine. */
const machines: Readonly<Record<number, string>> = {
  3: '386',
  20: 'ppc',
  21: 'ppc64le',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
}

/** The program headers and the name of the loader are in the first block of nearly every ELF file. */
export const headBytes = 4096

/** The loader that an ELF program names; undefined for other files and for static programs. */
export async function interpreterOf(file: string): Promise<string | undefined> {
  const handle = await open(file)
  try {
    const buffer = Buffer.alloc(headBytes)
    const { bytesRead } = await handle.read(buffer, 0, headBytes, 0)
    const program = programOf(buffer.subarray(0, bytesRead))
    return program.kind === 'elf' ? program.interpreter : undefined
  } finally {
    await handle.close()
  }
}

/** Pure: from the first bytes of a file. The machine is the OCI name of the architecture, or `e_machine N`. */
export function programOf(head: Buffer): Program {
  if (head.subarray(0, 2).toString('latin1') === '#!') {
    const [line = ''] = head.subarray(2).toString('utf8').split('\n')
    const [, interpreter, argument] = line.trim().match(/^(\S+)(?:\s(.*))?$/s) ?? []
    if (interpreter === undefined) return { kind: 'unknown' }
    return { kind: 'script', interpreter, ...(argument && { argument: argument.trimStart() }) }
  }
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return { kind: 'unknown' }
  const wide = head[4] === 2
  // The header of a 64-bit program is longer.
  if (wide && head.length < 64) return { kind: 'unknown' }
  const little = head[5] === 1
  const u16 = (at: number): number => (little ? head.readUInt16LE(at) : head.readUInt16BE(at))
  const u32 = (at: number): number => (little ? head.readUInt32LE(at) : head.readUInt32BE(at))
  const word = (at: number): number =>
    wide ? (little ? Number(head.readBigUInt64LE(at)) : Number(head.readBigUInt64BE(at))) : u32(at)
  const number = u16(18)
  const machine = machines[number] ?? `e_machine ${number}`
  const [tableAt, entryBytes, entries] = wide ? [word(32), u16(54), u16(56)] : [word(28), u16(42), u16(44)]
  // Source: ELF specification, Elf32_Phdr and Elf64_Phdr.
  if (entryBytes < (wide ? 56 : 32)) return { kind: 'elf', machine }
  for (let index = 0; index < entries; index += 1) {
    const at = tableAt + index * entryBytes
    if (at + entryBytes > head.length) break
    // PT_INTERP
    if (u32(at) !== 3) continue
    const [from, bytes] = wide ? [word(at + 8), word(at + 32)] : [u32(at + 4), u32(at + 16)]
    if (from + bytes > head.length) break
    return {
      kind: 'elf',
      machine,
      interpreter: head
        .subarray(from, from + bytes)
        .toString('latin1')
        .split('\0', 1)[0] as string,
    }
  }
  return { kind: 'elf', machine }
}
