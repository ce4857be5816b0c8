import { arch } from 'node:process'
import type { Architecture } from '../../src/core/architecture.ts'

/** The Home Assistant name of this machine's architecture. */
export function hostArchitecture(): Architecture {
  const names: Readonly<Record<string, Architecture>> = { x64: 'amd64', arm64: 'aarch64', arm: 'armv7' }
  const name = names[arch]
  if (name === undefined) throw new Error(`Home Assistant does not support ${arch}.`)
  return name
}
