// Runs a TypeScript file of the project on a machine that has Node >= 20 and npm only: installs the project's packages
// if they do not match package-lock.json, then starts the Node 24 among them, which runs TypeScript directly.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')
const commands = join(root, 'node_modules', '.bin')
const node = join(commands, 'node')

/**
 * Do the installed packages match the lock file? npm writes a list of the installed packages as its last step, so an
 * interrupted installation has none. Packages for other platforms are never installed.
 */
export function isInstalled(lockText, installedText) {
  if (installedText === undefined) return false
  const wanted = JSON.parse(lockText).packages ?? {}
  const installed = JSON.parse(installedText).packages ?? {}
  const same = (name) =>
    wanted[name]?.version === installed[name]?.version && wanted[name]?.integrity === installed[name]?.integrity
  return (
    Object.keys(installed).every(same) &&
    Object.entries(wanted).every(([name, { optional }]) => name === '' || optional || name in installed)
  )
}

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)

/**
 * Installs the packages of the package-lock.json of a folder.
 * @param what text for the message: `the packages of the project`
 * @param program the packages are reinstalled if this file is missing
 * @returns the seconds that it took; 0 if everything was installed.
 */
export function installPackages(folder, what, program = folder) {
  const lock = read(join(folder, 'package-lock.json'))
  if (lock === undefined) throw new Error(`${join(folder, 'package-lock.json')} is missing`)
  if (existsSync(program) && isInstalled(lock, read(join(folder, 'node_modules', '.package-lock.json')))) return 0
  console.log(`test environment: installing ${what} (npm ci)`)
  const start = performance.now()
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const { status, error } = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status === 0) return (performance.now() - start) / 1000
  // No fallback to `npm install`: it would install packages that are not in the lock file.
  throw new Error(
    `npm ci failed (${error?.message ?? `exit code ${status}`}); see its output above. ` +
      'If package-lock.json and package.json differ, run "npm install --package-lock-only". If a package cannot be fetched or its integrity ' +
      'does not match the lock file, check the registry that npm uses ("npm config get registry").',
  )
}

function main([file, ...args]) {
  const seconds = installPackages(root, 'the packages of the project', node)
  // The package of Node also contains headers and documentation: 68 MB that are not needed.
  if (seconds > 0) rmSync(join(root, 'node_modules', 'node', 'node_modules'), { recursive: true, force: true })
  const child = spawn(node, [resolve(root, file), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${commands}${delimiter}${process.env.PATH}`,
      AICLEANER_NPM_CI_SECONDS: String(seconds),
    },
  })
  // A terminal also signals the child; other senders signal only this process.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {})
  child.on('error', (error) => {
    console.error(`test environment: ${node} does not start: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv.slice(2))
  } catch (error) {
    console.error(`test environment: ${error.message}`)
    process.exitCode = 1
  }
}
