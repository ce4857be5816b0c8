// Checks that dist/ is what src/ builds, byte for byte, and that it has the license of each package that is bundled.
// Exit code 1 and the names of the files that differ, or of the packages, otherwise.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { entries, missingLicenses, packagesNeeded } from './licenses.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const fresh = mkdtempSync(join(tmpdir(), 'aicleaner-build-dist-'))

const filesOf = (folder) =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .map((file) => [relative(folder, file), readFileSync(file)]),
  )

try {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), fresh], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const wanted = filesOf(fresh)
  const found = filesOf(join(root, 'dist'))
  const list = wanted.get('licenses.txt')?.toString() ?? ''
  const missing = missingLicenses(root, await packagesNeeded(root, Object.values(entries)), list)
  if (missing.length > 0) {
    console.error(`dist/licenses.txt lacks the licenses of ${missing.join(', ')}. See scripts/licenses.mjs.`)
    process.exitCode = 1
  }
  const names = [...new Set([...wanted.keys(), ...found.keys()])].sort()
  const differing = names.filter((name) => !wanted.get(name)?.equals(found.get(name) ?? Buffer.alloc(0)))
  if (differing.length > 0) {
    console.error(`dist/ is not what src/ builds: ${differing.join(', ')}. Run "npm run build" and commit dist/.`)
    process.exitCode = 1
  } else {
    console.log(`dist/ is what src/ builds (${names.length} files).`)
  }
} finally {
  rmSync(fresh, { recursive: true, force: true })
}
