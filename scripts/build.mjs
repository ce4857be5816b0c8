// Builds dist/ from src/: tsc first (ncc cannot read what TypeScript 7 reads), then one bundle for each entry.
// What an entry imports with `import()` becomes a file of its own, which only the runs that need it load.
// Usage: node scripts/build.mjs [folder]      default folder: dist
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ncc from '@vercel/ncc'
import { build, transform } from 'esbuild'
import { coreBundle, licensesOf, modulesOf, packagesOf } from './licenses.mjs'

/** ncc makes the entry small, not the chunks; Node compiles them before and between the builds, where their size is time. */
const smaller = async (name, source) =>
  name.endsWith('.js')
    ? (
        await transform(source, {
          minify: true,
          format: 'esm',
          target: 'node24',
          charset: 'utf8',
          legalComments: 'none',
        })
      ).code
    : source

/** Puts what is used of @actions/core into the file that names it. Returns the modules that it is from. */
async function takeFromCore(file) {
  const { metafile } = await build({ ...coreBundle, entryPoints: [file], outfile: file, allowOverwrite: true })
  return modulesOf(metafile)
}

/** The modules of a bundle, from the source maps of its files: what was left out of the bundle has no lines there. */
const modulesIn = (maps) => maps.flatMap((map) => JSON.parse(map).sources)

/** The maps are for the list of licences only, and twenty times as large as what runs. */
const withoutMap = (code) => code.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '')

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const out = resolve(process.argv[2] ?? join(root, 'dist'))
/** By the name of the bundle: the module, without its ending. */
const entries = { main: 'main', post: 'post', cli: 'cli/cli' }

// Beside the sources, so that packages are found. Always the same folder: the bundler numbers its modules by their paths.
const compiled = join(root, 'build', 'js')
rmSync(compiled, { recursive: true, force: true })
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', compiled], {
    cwd: root,
    stdio: 'inherit',
  })
  const core = join(compiled, 'platform', 'log', 'actions-core.js')
  const modulesOfCore = await takeFromCore(core)
  rmSync(out, { recursive: true, force: true })
  for (const [entry, module] of Object.entries(entries)) {
    const { code, map, assets } = await ncc(join(compiled, `${module}.js`), {
      cache: false,
      minify: true,
      sourceMap: true,
      sourceMapRegister: false,
      quiet: true,
    })
    const folder = join(out, entry)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'index.js'), withoutMap(code))
    const maps = [map]
    for (const [name, { source }] of Object.entries(assets)) {
      if (name.endsWith('.map')) maps.push(String(source))
      else if (name !== 'package.json') writeFileSync(join(folder, name), await smaller(name, String(source)))
    }
    const modules = modulesIn(maps)
    const takesCore = modules.some((path) => path.endsWith(relative(root, core).replaceAll('\\', '/')))
    const packages = packagesOf([...modules, ...(takesCore ? modulesOfCore : [])])
    if (packages.length > 0) writeFileSync(join(folder, 'licenses.txt'), licensesOf(root, packages))
  }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`)
} finally {
  rmSync(compiled, { recursive: true, force: true })
}
console.log(`built ${Object.keys(entries).join(', ')} in ${out === join(root, 'dist') ? 'dist' : join(tmpdir(), '…')}`)
