import type { Host } from '../core/host.ts'
import { csv } from '../docker/arguments.ts'
import type { SecretOption } from '../inputs/options.ts'
import { openInputPath, readUpTo } from '../platform/workspace-path.ts'

/** Build secrets as BuildKit mounts. A value goes through the environment of the buildx process: argv is public on the machine. */
export function secretMounts(secrets: readonly SecretOption[]): {
  readonly mounts: readonly string[]
  readonly environment: Readonly<Record<string, string>>
} {
  const environment: Record<string, string> = {}
  const mounts = secrets.map((secret, index) => {
    if ('file' in secret) return csv({ id: secret.id, src: secret.file })
    if ('environment' in secret) return csv({ id: secret.id, env: secret.environment })
    const name = `AICLEANER_BUILD_SECRET_${index}`
    environment[name] = secret.value
    return csv({ id: secret.id, env: name })
  })
  return { mounts, environment }
}

/** The values of the secrets, for the log to mask when a build prints them. Missing secrets are left out: buildx reports them. */
export async function secretValues(
  secrets: readonly SecretOption[],
  { environment, workspace }: Pick<Host, 'environment' | 'workspace'>,
): Promise<readonly string[]> {
  const values = await Promise.all(
    secrets.map((secret) => {
      if ('file' in secret) return fileText(workspace, secret.file).catch(() => '')
      return 'environment' in secret ? environment[secret.environment] : secret.value
    }),
  )
  return values.flatMap((value) => (value?.trim() ? [value.trim()] : []))
}

/** Maximum bytes of a secret in BuildKit. Source: buildkit `session/secrets`, MaxSecretSize. */
const largestSecret = 500 * 1024

async function fileText(workspace: string, path: string): Promise<string> {
  const file = await openInputPath(workspace, path)
  if (file === undefined || file === 'outside') return ''
  try {
    const bytes = await readUpTo(file, largestSecret)
    return 'tooLarge' in bytes ? '' : bytes.toString('utf8')
  } finally {
    await file.close()
  }
}
