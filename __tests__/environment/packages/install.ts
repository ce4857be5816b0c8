import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { isThere } from '../machine/command.ts'
import { type Machine, mustAsRoot } from '../machine/machine.ts'
import { aptFiles } from './apt-files.ts'
import type { Choice } from './choose.ts'
import { findMirror, readSources, type Source } from './sources.ts'

/** Installs packages with apt. Rejects with the output of apt. */
export async function installPackages(machine: Machine, choice: Choice): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-test-apt-'))
  try {
    const environment: Record<string, string> = { DEBIAN_FRONTEND: 'noninteractive' }
    if (choice.pins.length > 0) environment.APT_CONFIG = await writeAptFiles(folder, machine, choice)
    // A source that does not answer is ignored: the installation below fails if a package is not available.
    await mustAsRoot(machine, 'apt-get', ['update', '-q'], { environment }).catch(() => {})
    await mustAsRoot(
      machine,
      'apt-get',
      // The machine may be installing automatic updates.
      ['install', '-yq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...choice.packages],
      { environment },
    )
  } finally {
    // The package lists belong to root.
    await mustAsRoot(machine, 'rm', ['-rf', folder]).catch(() => {})
  }
}

async function writeAptFiles(folder: string, machine: Machine, choice: Choice): Promise<string> {
  const mirror = findMirror(await readMachineSources(), machine.release.codename)
  if (!mirror) throw new Error(`the sources of apt do not include ${machine.release.codename}`)
  const files = aptFiles(folder, mirror, choice.pins)
  for (const part of ['sources.d', 'preferences.d', 'lists']) await mkdir(join(folder, part))
  for (const file of await sourceFiles()) {
    if (file !== '/etc/apt/sources.list') await copyFile(file, join(folder, 'sources.d', basename(file)))
  }
  await writeFile(join(folder, 'sources.d', 'aicleaner-test.sources'), files.sources)
  await writeFile(join(folder, 'preferences.d', 'aicleaner-test'), files.preferences)
  const configuration = join(folder, 'apt.conf')
  await writeFile(configuration, files.configuration)
  // apt downloads as the user _apt.
  await mustAsRoot(machine, 'chmod', ['-R', 'a+rX', folder])
  return configuration
}

async function sourceFiles(): Promise<readonly string[]> {
  const parts = existsSync('/etc/apt/sources.list.d') ? await readdir('/etc/apt/sources.list.d') : []
  return [
    '/etc/apt/sources.list',
    ...parts.filter((name) => /\.(list|sources)$/.test(name)).map((name) => `/etc/apt/sources.list.d/${name}`),
  ].filter((file) => existsSync(file))
}

/** The package sources of this machine. */
export async function readMachineSources(): Promise<readonly Source[]> {
  const texts = await Promise.all((await sourceFiles()).map((file) => readFile(file, 'utf8')))
  return texts.flatMap(readSources)
}

export const hasApt = (): Promise<boolean> => isThere('apt-get')
