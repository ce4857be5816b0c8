// Builds dist/ from src/: tsc first (ncc cannot read what TypeScript 7 reads), then one bundle for each entry.
// What an entry imports with `import()` becomes a file of its own, which only the runs that need it load.
// Usage: node scripts/build.mjs [folder]      default folder: dist
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ncc from '@vercel/ncc'
import { build, transform } from 'esbuild'

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

/** @actions/core does not say that its files do nothing by being loaded. They do nothing, and ncc would have to take them all. */
const harmless = {
  name: 'harmless',
  setup({ onResolve, resolve: find }) {
    onResolve({ filter: /./ }, async ({ path, pluginData, ...where }) =>
      pluginData === harmless || where.kind === 'entry-point'
        ? undefined
        : { ...(await find(path, { ...where, pluginData: harmless })), sideEffects: false },
    )
  },
}

/** Puts what is used of @actions/core into the file that names it, and gives the licence that goes with it. */
async function takeFromCore(file) {
  await build({
    entryPoints: [file],
    outfile: file,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    plugins: [harmless],
  })
  return `\n@actions/core\nMIT\n${readFileSync(join(root, 'node_modules', '@actions', 'core', 'LICENSE.md'), 'utf8')}`
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const out = resolve(process.argv[2] ?? join(root, 'dist'))
const entries = ['main', 'post', 'cli']

// Beside the sources, so that packages are found. Always the same folder: the bundler numbers its modules by their paths.
const compiled = join(root, 'build', 'js')
rmSync(compiled, { recursive: true, force: true })
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', compiled], {
    cwd: root,
    stdio: 'inherit',
  })
  const coreLicense = await takeFromCore(join(compiled, 'log', 'core.js'))
  rmSync(out, { recursive: true, force: true })
  for (const entry of entries) {
    const { code, assets } = await ncc(join(compiled, `${entry}.js`), {
      cache: false,
      minify: true,
      license: 'licenses.txt',
      quiet: true,
    })
    const folder = join(out, entry)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'index.js'), code)
    for (const [name, { source }] of Object.entries(assets)) {
      if (name === 'licenses.txt') writeFileSync(join(folder, name), `${source}${entry === 'main' ? coreLicense : ''}`)
      else if (name !== 'package.json') writeFileSync(join(folder, name), await smaller(name, String(source)))
    }
  }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`)
} finally {
  rmSync(compiled, { recursive: true, force: true })
}
console.log(`built ${entries.join(', ')} in ${out === join(root, 'dist') ? 'dist' : join(tmpdir(), '…')}`)
