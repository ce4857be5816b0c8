import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCommandLine } from '../../../src/cli/arguments.ts'
import { audit } from '../../../src/cli/commands/audit.ts'
import { bareHost } from '../../fakes/bare-host.ts'

/** `aicleaner-build audit …` in a workspace, and what came of it. */
export async function auditFolder(workspace: string, ...args: readonly string[]) {
  const temporary = await mkdtemp(join(tmpdir(), 'audit-call-'))
  try {
    const host = bareHost(workspace, temporary)
    const exitCode = await audit(readCommandLine(['audit', ...args]), host)
    return { exitCode, codes: host.said.map(({ code }) => code), ...host }
  } finally {
    await rm(temporary, { recursive: true })
  }
}
