import { mkdir, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { Host } from '../../core/host.ts'
import { isPem } from '../../core/pem.ts'
import { csvField } from '../../docker/arguments.ts'
import type { EndpointTls } from '../../inputs/options.ts'

const parts = ['cacert', 'cert', 'key'] as const

/** Absolute paths of the certificates. buildx takes files only, so text is written into the temporary folder, readable for this user alone. */
export async function tlsFiles(
  tls: EndpointTls,
  { workspace, temporary }: Pick<Host, 'workspace' | 'temporary'>,
): Promise<EndpointTls> {
  const files: { -readonly [K in keyof EndpointTls]: string } = {}
  for (const part of parts) {
    const given = tls[part]
    if (given === undefined) continue
    if (!isPem(given)) {
      files[part] = isAbsolute(given) ? given : join(workspace, given)
      continue
    }
    const folder = join(temporary, 'tls')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, `${part}.pem`)
    await writeFile(file, `${given.trim()}\n`, { mode: 0o600 })
    files[part] = file
  }
  return files
}

/** As options of the remote driver, which buildx reads as CSV. */
export const tlsOptions = (files: EndpointTls): readonly string[] =>
  parts.flatMap((part) => {
    const file = files[part]
    return file === undefined ? [] : [csvField(`${part}=${file}`)]
  })
