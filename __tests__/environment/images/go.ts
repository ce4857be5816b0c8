import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../machine/command.ts'

/** Environment of a build with Go without cgo. Modules and builds go where this machine has them, else below `folder`: they take more than a gigabyte. */
export async function goEnvironment(folder: string): Promise<Readonly<Record<string, string>>> {
  const environment: Record<string, string> = {
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'auto',
    GOFLAGS: '-modcacherw',
    GOWORK: 'off',
  }
  const [modules, builds] = (await must('go', ['env', 'GOMODCACHE', 'GOCACHE'], { environment })).trim().split('\n')
  if (!existsSync(modules ?? '')) environment.GOMODCACHE = join(folder, 'modules')
  if (!existsSync(builds ?? '')) environment.GOCACHE = join(folder, 'builds')
  return environment
}
