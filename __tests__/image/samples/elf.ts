/** The start of an ELF file of 64 bits; with a loader where one is named. */
export function elf(machine: number, loader?: string): Buffer {
  const file = Buffer.alloc(512)
  file.writeUInt32BE(0x7f454c46, 0)
  file[4] = 2
  file[5] = 1
  file.writeUInt16LE(machine, 18)
  if (loader === undefined) return file
  file.writeBigUInt64LE(64n, 32)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(1, 56)
  file.writeUInt32LE(3, 64)
  file.writeBigUInt64LE(200n, 72)
  file.writeBigUInt64LE(BigInt(loader.length + 1), 96)
  file.write(`${loader}\0`, 200, 'latin1')
  return file
}
