import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../machine/command.ts'
import type { Machine } from '../machine/machine.ts'
import { goEnvironment } from './go.ts'

/** A go.mod that lists MailHog and all its dependencies: MailHog predates go.mod, and some dependencies no longer publish a list of versions. */
const recipe = new URL('../recipes/mailhog', import.meta.url).pathname
const goModule = 'github.com/mailhog/MailHog'
const program = 'MailHog'

/** The folder in the cache for the program `MailHog`, which may not exist yet. Its name contains a hash of go.mod and go.sum. */
export async function planMailhog(machine: Machine): Promise<string> {
  const hash = createHash('sha256')
  for (const name of ['go.mod', 'go.sum']) hash.update(await readFile(join(recipe, name)))
  return join(machine.cache, `mailhog-${machine.architecture}-${hash.digest('hex').slice(0, 16)}`)
}

export const mailhogIsCached = (folder: string): boolean => existsSync(join(folder, program))

/** Compiles MailHog from the Go module proxy into the folder, unless it exists. Concurrent runs each compile it; the last one replaces the others. */
export async function makeMailhog(folder: string): Promise<void> {
  if (mailhogIsCached(folder)) return
  const work = await mkdtemp(join(tmpdir(), 'aicleaner-test-mailhog-'))
  try {
    const environment = await goEnvironment(work)
    const output = join(work, program)
    await must(
      'go',
      [
        'build',
        '-C',
        recipe,
        '-mod=readonly',
        '-trimpath',
        '-buildvcs=false',
        '-ldflags=-s -w',
        '-o',
        output,
        goModule,
      ],
      { environment, folder: work },
    )
    await mkdir(folder, { recursive: true })
    const part = join(folder, `${program}.${process.pid}`)
    await copyFile(output, part)
    await rename(part, join(folder, program))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
