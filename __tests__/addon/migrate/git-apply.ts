import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Change } from '../../../src/addon/migrate/migration.ts'
import { patchOf } from '../../../src/addon/migrate/patch.ts'

/** Writes the files before the changes, applies the patches with git, and reads the files again. @param folder a git repository. */
export function gitApply(folder: string, changes: readonly Change[]): readonly (string | undefined)[] {
  for (const { file, before } of changes) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), before)
  }
  const patch = changes.map(patchOf).join('')
  if (patch !== '')
    execFileSync('git', ['-C', folder, 'apply', '--whitespace=nowarn', '-'], {
      input: patch,
      stdio: ['pipe', 'ignore', 'inherit'],
    })
  return changes.map(({ file }) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined,
  )
}
