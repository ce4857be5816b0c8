import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../machine/command.ts'
import type { Machine } from '../machine/machine.ts'
import { goEnvironment } from './go.ts'

/** A go.mod that names MailHog and every module it needs: MailHog is older than go.mod, and some of those have no list of versions any more. */
const recipe = new URL('../recipes/mailhog', import.meta.url).pathname
const goModule = 'github.com/mailhog/MailHog'
const program = 'MailHog'

/** The folder that holds the program `MailHog`, or will; in the cache, outside of the checkout. Named by what it is made of. */
export async function planMailhog(machine: Machine): Promise<string> {
  const hash = createHash('sha256')
  for (const name of ['go.mod', 'go.sum']) hash.update(await readFile(join(recipe, name)))
  return join(machine.cache, `mailhog-${machine.architecture}-${hash.digest('hex').slice(0, 16)}`)
}

export const mailhogIsCached = (folder: string): boolean => existsSync(join(folder, program))

/** Compiles MailHog from the Go module proxy into the folder, unless it is there. Two runs at once each make their own; the last one stays. */
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
