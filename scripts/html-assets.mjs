// Bundles src/report/html/client/ into src/report/html/assets.ts: the page is one file, so its script and style are text inside it.
// The result is committed, so that Node runs src/ as it is. `npm run build` writes it.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = new URL('../src/report/html/assets.ts', import.meta.url)

const bundle = (entry) =>
  buildSync({
    absWorkingDir: root,
    entryPoints: [`src/report/html/client/${entry}`],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    write: false,
  })

const textOf = ({ outputFiles: [file] }) => JSON.stringify(file.text)

/** What assets.ts has to contain. */
export const assets =
  () => `// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the script has its own template strings.
// biome-ignore-all format: generated from client/ by "npm run build". Change it there.
export const script = ${textOf(bundle('explorer.ts'))}
export const style = ${textOf(bundle('style.css'))}
`

export const writeAssets = () => writeFileSync(target, assets())

/** The modules of the page's script, those of packages included. */
export const pageModules = () => Object.keys(bundle('explorer.ts').metafile.inputs)
