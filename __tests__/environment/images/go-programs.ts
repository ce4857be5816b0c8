import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../machine/command.ts'
import type { Machine } from '../machine/machine.ts'
import { goEnvironment } from './go.ts'

/** A program that is compiled from the Go module proxy. Its go.mod and go.sum in `recipes/` pin the versions and check sums of all its modules. */
interface GoProgram {
  /** A folder in `recipes/`. */
  readonly recipe: string
  readonly program: string
  readonly package: string
}

/** Its go.mod lists all dependencies: MailHog predates go.mod, and some dependencies no longer publish a list of versions. */
export const mailhog: GoProgram = { recipe: 'mailhog', program: 'MailHog', package: 'github.com/mailhog/MailHog' }

/** The reference implementation of a registry in its third version. Debian packages the second one. */
export const registry3: GoProgram = { recipe: 'registry3', program: 'registry', package: '.' }

const recipeOf = ({ recipe }: GoProgram): string => new URL(`../recipes/${recipe}`, import.meta.url).pathname

/** The folder in the cache for a program, which may not exist yet. Its name contains a hash of the recipe. */
export async function planProgram(machine: Machine, program: GoProgram): Promise<string> {
  const recipe = recipeOf(program)
  const hash = createHash('sha256')
  for (const name of (await readdir(recipe)).sort()) hash.update(await readFile(join(recipe, name)))
  return join(machine.cache, `${program.recipe}-${machine.architecture}-${hash.digest('hex').slice(0, 16)}`)
}

export const programIsCached = (folder: string, { program }: GoProgram): boolean => existsSync(join(folder, program))

/** Compiles a program into the folder, unless it exists. Concurrent runs each compile it; the last one replaces the others. */
export async function makeProgram(folder: string, goProgram: GoProgram): Promise<void> {
  const { recipe, program, package: goPackage } = goProgram
  if (programIsCached(folder, goProgram)) return
  const work = await mkdtemp(join(tmpdir(), `aicleaner-test-${recipe}-`))
  try {
    const environment = await goEnvironment(work)
    const output = join(work, program)
    await must(
      'go',
      [
        'build',
        '-C',
        recipeOf(goProgram),
        '-mod=readonly',
        '-trimpath',
        '-buildvcs=false',
        '-ldflags=-s -w',
        '-o',
        output,
        goPackage,
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
