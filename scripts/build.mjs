// Builds src/report/html/assets.ts, and dist/ from src/: all entries in one pass, so that no module is in dist/ twice. Types are not checked here.
// Usage: node scripts/build.mjs [folder]      default folder: dist
import { writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import { chunks, divide } from './chunks.mjs'
import { pageModules, writeAssets } from './html-assets.mjs'
import { entries, licensesOf, loadsWithoutEffect, packagesOf } from './licenses.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const out = resolve(process.argv[2] ?? join(root, 'dist'))
// Another folder is for a comparison, which changes nothing.
if (process.argv[2] === undefined) writeAssets()
const sourceOf = (name) => join(root, 'src', `${name}.ts`)

const builtinPrefix = '\0builtin:'
const isBuiltin = (name) => name.startsWith('node:') || builtinModules.includes(name)

/**
 * Loads Node's modules with `require`. An `import` reads all their exports, including lazy ones: for node:http that loads
 * a second HTTP client and a WebSocket, and doubles the time that an empty script takes.
 */
const builtinsWithoutExports = {
  name: 'builtins-without-exports',
  resolveId(name, importer) {
    // Skips the `require` that `load` returns, and the bundler's own helpers.
    const isInModule = importer !== undefined && !importer.startsWith('\0')
    return isInModule && isBuiltin(name) ? `${builtinPrefix}${name.replace(/^node:/, '')}` : null
  },
  load(id) {
    if (!id.startsWith(builtinPrefix)) return null
    const name = JSON.stringify(`node:${id.slice(builtinPrefix.length)}`)
    return { code: `module.exports = require(${name})`, moduleType: 'js' }
  },
}

let files
/** The file that a module is in; null leaves it to the bundler. */
function fileOf(id, bundle) {
  // The one-line wrappers of Node's modules go into the first file, because every other file imports it.
  if (id.startsWith(builtinPrefix)) return Object.keys(chunks)[0]
  files ??= divide(
    Object.fromEntries(Object.entries(chunks).map(([file, names]) => [file, names.map(sourceOf)])),
    (path) => bundle.getModuleInfo(path)?.importedIds,
  )
  return files.get(id) ?? null
}

/** Names the file of a package after the package, because the modules of most packages are called `index.js`. */
const fileName = ({ name, facadeModuleId }) => {
  const [folder] = packagesOf(facadeModuleId ? [facadeModuleId] : [])
  return `shared/${folder?.split('/').at(-1) ?? name}.js`
}

const { output } = await build({
  cwd: root,
  input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [`${name}/index`, sourceOf(file)])),
  platform: 'node',
  tsconfig: false,
  preserveEntrySignatures: 'allow-extension',
  treeshake: { moduleSideEffects: (id) => !loadsWithoutEffect(id) },
  plugins: [builtinsWithoutExports],
  output: {
    dir: out,
    cleanDir: true,
    format: 'esm',
    minify: true,
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: fileName,
    codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: fileOf, debugName: 'chunks.mjs' }] },
  },
})

// Importing an entry would run it.
const entryFiles = Object.keys(entries).map((name) => `${name}/index.js`)
for (const { fileName: file, imports } of output) {
  const imported = imports.find((each) => entryFiles.includes(each))
  if (imported) throw new Error(`${file} imports ${imported}. Name what they share in scripts/chunks.mjs.`)
}

const modules = output.flatMap(({ modules }) =>
  Object.entries(modules).flatMap(([path, { renderedLength }]) => (renderedLength > 0 ? [path] : [])),
)
writeFileSync(join(out, 'licenses.txt'), licensesOf(root, packagesOf([...modules, ...pageModules()])))
writeFileSync(join(out, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`)
console.log(`built ${Object.keys(entries).join(', ')}: ${output.length} files`)
