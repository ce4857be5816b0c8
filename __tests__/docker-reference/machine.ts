import { arch } from 'node:process'
import type { Architecture } from '../../src/core/architecture.ts'

/** This machine's architecture by its Home Assistant name. */
export function architectureOfMachine(): Architecture {
  const names: Readonly<Record<string, Architecture>> = { x64: 'amd64', arm64: 'aarch64', arm: 'armv7' }
  const name = names[arch]
  if (name === undefined) throw new Error(`No add-on runs on ${arch}.`)
  return name
}
