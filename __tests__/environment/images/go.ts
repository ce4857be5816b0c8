import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../machine/command.ts'

/** Environment of a Go build without cgo. Uses the machine's module and build caches if they exist, otherwise `folder`: they take more than a gigabyte. */
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
