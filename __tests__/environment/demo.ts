import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { prepareTestEnvironment } from './environment.ts'

// `npm run demo`: builds and checks the reference add-on on this machine. Writes report.md, report.json and report.html.

const root = resolve(import.meta.dirname, '..', '..')

/** The reference add-on on the test environment's bases, for every architecture that this machine can run. */
export const demoArguments = (bases: string, architectures: readonly string[]): readonly string[] => [
  join('dist', 'cli', 'index.js'),
  'run',
  'docker',
  '--architectures',
  architectures.join(','),
  '--build-args',
  `BUILD_FROM=${bases}:{arch}`,
  // Python starts slowly under older versions of QEMU.
  '--smoke-emulation-factor',
  '8',
  // The add-on is not published, so there is no baseline.
  '--baseline',
  'none',
  '--report-path',
  '.',
]

function run(args: readonly string[]): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
    // A terminal sends Ctrl-C to the child as well; the test environment waits until the child has cleaned up.
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    child.on('error', reject)
    child.on('close', (code) => done(code ?? 130))
  })
}

if (import.meta.main) {
  const testEnvironment = await prepareTestEnvironment({ needs: ['engine', 'emulators', 'registry', 'bases'] })
  try {
    const { bases, runnable, missing } = testEnvironment.facts
    if (bases === undefined) {
      console.log(`The demo needs a Docker engine and base images: ${Object.values(missing).join('; ')}`)
      process.exitCode = 3
    } else {
      process.exitCode = await testEnvironment.hold(run(demoArguments(bases.python, runnable)))
      console.log('\nThe report is in report.md and report.json. Open report.html to see what is in the images.')
    }
  } finally {
    await testEnvironment.release()
  }
}
