import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pluginFile } from '../faults/gate.ts'

/** A buildx that notes what it is asked for, and becomes the real one. */
export interface NotingBuildx {
  /** For the job. */
  readonly environment: { readonly DOCKER_CONFIG: string }
  /** The commands since they were last asked for: `build`, `rm`, … */
  calls(): Promise<readonly string[]>
}

/** @param folder of its own, for docker's configuration. */
export async function noteBuildx(folder: string): Promise<NotingBuildx> {
  const plugin = join(folder, 'cli-plugins', 'docker-buildx')
  const notes = join(folder, 'calls')
  await mkdir(dirname(plugin), { recursive: true })
  await writeFile(plugin, `#!/bin/sh\necho "$1" >> "${notes}"\nexec "${pluginFile('docker-buildx')}" "$@"\n`, {
    mode: 0o755,
  })
  return {
    environment: { DOCKER_CONFIG: folder },
    async calls() {
      const noted = await readFile(notes, 'utf8').catch(() => '')
      await writeFile(notes, '')
      return noted.split('\n').filter(Boolean)
    },
  }
}
