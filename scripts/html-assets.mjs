// Makes src/report/html/assets.ts of src/report/html/client/: the page is one file, so its script and style are text inside the bundle.
// Usage: node scripts/html-assets.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformSync } from '@swc/core'

const folder = new URL('../src/report/html/', import.meta.url)
const target = new URL('assets.ts', folder)

/** In the order of their imports: together they are one script, in which imports and exports mean nothing. */
const scripts = ['text.ts', 'tree.ts', 'treemap.ts', 'contents.js', 'explorer.js']

const read = (name) => readFileSync(new URL(`client/${name}`, folder), 'utf8')

function plain(name) {
  const { code } = transformSync(read(name), {
    swcrc: false,
    configFile: false,
    jsc: {
      parser: { syntax: 'typescript' },
      target: 'es2022',
      preserveAllComments: false,
      minify: { format: { comments: false } },
    },
    module: { type: 'es6' },
  })
  return code
    .replace(/^import [\s\S]*?from '[^']+';?\n/gm, '')
    .replace(/^export /gm, '')
    .replace(/^\s+/gm, '')
}

const literal = (text) => JSON.stringify(text)

export const assets =
  () => `// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the script has its own template strings.
// biome-ignore-all format: made by scripts/html-assets.mjs of client/. Change it there.
export const script = ${literal(`'use strict';(()=>{\n${scripts.map(plain).join('')}})()\n`)}
export const style = ${literal(read('style.css').replace(/\s*\n\s*/g, '\n'))}
`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = assets()
  if (!process.argv.includes('--check')) writeFileSync(target, wanted)
  else if (readFileSync(target, 'utf8') !== wanted) {
    console.error('src/report/html/assets.ts is not what client/ says. Run: node scripts/html-assets.mjs')
    process.exitCode = 1
  }
}
