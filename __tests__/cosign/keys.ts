import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, run } from '../environment/machine/command.ts'

/** A key pair that cosign made. */
export interface Keys {
  readonly folder: string
  /** Path of the public half. */
  readonly publicKey: string
  readonly privateKey: string
  readonly privateText: string
  readonly password: string
  /** Signs an image in a registry; no log is told of it. */
  sign(reference: string): Promise<void>
  /** By the program itself: exit code and what it said. */
  verify(reference: string): Promise<{ readonly code: number; readonly said: string }>
  /** Runs a command line in the folder of the keys. */
  run(command: string): Promise<{ readonly code: number; readonly said: string }>
  release(): Promise<void>
}

export async function makeKeys(password: string): Promise<Keys> {
  const folder = await mkdtemp(join(tmpdir(), 'aicleaner-keys-'))
  const environment = { COSIGN_PASSWORD: password }
  await must('cosign', ['generate-key-pair'], { folder, environment })
  await must('cosign', ['signing-config', 'create', '--out', join(folder, 'no-services.json')], { environment })
  const publicKey = join(folder, 'cosign.pub')
  const privateKey = join(folder, 'cosign.key')
  return {
    folder,
    publicKey,
    privateKey,
    privateText: await readFile(privateKey, 'utf8'),
    password,
    sign: async (reference) => {
      const config = ['--signing-config', join(folder, 'no-services.json')]
      await must('cosign', ['sign', '--yes', ...config, '--key', privateKey, reference], { environment })
    },
    verify: async (reference) => {
      const args = ['verify', '--key', publicKey, '--insecure-ignore-tlog', reference]
      const { code, stdout, stderr } = await run('cosign', args)
      return { code, said: stdout + stderr }
    },
    run: async (command) => {
      const { code, stdout, stderr } = await run('sh', ['-c', command], { folder })
      return { code, said: stdout + stderr }
    },
    release: () => rm(folder, { recursive: true, force: true }),
  }
}
