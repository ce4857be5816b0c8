import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { htmlImages } from '../../../src/report/html/data.ts'
import { jsonInHtml } from '../../../src/report/html/escape.ts'
import { renderHtml } from '../../../src/report/html/render.ts'
import type { Report } from '../../../src/report/model/report.ts'
import { addon, failing, report, target } from '../reports.ts'
import { situations } from '../situations.ts'
import { file, folder, largeTree, reportWithTrees } from '../trees.ts'

const page = (name: string): string => renderHtml((situations[name] as () => Report)())

/** The page without its style and its script, which have tests of their own; elements begin lines, so that a person can read it. */
const elements = (html: string): string =>
  html
    .replace(/<style>[\s\S]*?<\/style>/, '<style></style>')
    .replace(/<script>[\s\S]*?<\/script>/, '<script></script>')
    .replace(/'sha256-[^']+'/g, "'sha256-…'")
    .replaceAll('><', '>\n<')

describe('the page of each situation', () => {
  // Rewritten with UPDATE_GOLDEN=1, then read by a person.
  test.each(['mixed', 'mixed-add-ons', 'own-layers-only', 'input-refused'])('%s is as in its golden file', (name) => {
    const file = new URL(`../golden/${name}.html`, import.meta.url)
    const made = elements(page(name))
    if (process.env.UPDATE_GOLDEN === '1' || !existsSync(file)) {
      if (process.env.CI) throw new Error(`golden/${name}.html is missing`)
      writeFileSync(file, made)
    }
    expect(made).toBe(readFileSync(file, 'utf8'))
  })
})

test('assets.ts is the bundle of client/', async () => {
  const { assets } = (await import(new URL('../../../scripts/html-assets.mjs', import.meta.url).href)) as {
    assets: () => string
  }
  expect(readFileSync(new URL('../../../src/report/html/assets.ts', import.meta.url), 'utf8')).toBe(assets())
})

describe('the policy of the page', () => {
  test('allows the one script and the one style that are in it, and nothing else', () => {
    const html = page('shrink')
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? ''
    const hashOf = (pattern: RegExp): string =>
      `'sha256-${createHash('sha256')
        .update(pattern.exec(html)?.[1] ?? '')
        .digest('base64')}'`
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hashOf(/<script>([\s\S]*?)<\/script>/)}`,
      `style-src ${hashOf(/<style>([\s\S]*?)<\/style>/)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ])
  })

  test('precedes everything that it applies to', () => {
    const html = page('shrink')
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'))
  })

  test('nothing is fetched: no src, no url(), no import', () => {
    const html = page('sixty-add-ons')
    expect(html).not.toMatch(/\ssrc=|url\(|@import|<link|<img|<iframe|\sstyle=|\son[a-z]+=/)
  })
})

describe('untrusted text', () => {
  test('data cannot end its element', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '/', '!', '-', '>', '&', 's', '\u2028', '"', '\\') }),
        (text) => {
          const made = jsonInHtml({ text })
          expect(made).not.toMatch(/[<>&\u2028]/)
          expect(JSON.parse(made)).toEqual({ text })
        },
      ),
    )
  })

  test('names, logs and messages stay text', () => {
    const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'&\u202e`
    const html = renderHtml(
      report(
        [
          addon(
            [
              target('amd64', {
                addon: evil,
                build: { status: 'failed', durationMs: 1, emulated: false, reason: evil, log: [evil] },
              }),
            ],
            {
              slug: evil,
              name: evil,
              version: evil,
            },
          ),
        ],
        { verdict: failing({ gate: 'build', addon: evil, architecture: 'amd64', message: evil }) },
      ),
    )
    expect(html.match(/<script/g)).toHaveLength(1)
    expect(html).not.toContain('<img')
    expect(html).not.toContain('\u202e')
  })

  test('paths in the treemap are data, with what cannot be seen named', () => {
    const made = reportWithTrees(folder('', [file('</script>\u202egnp.exe', 5)]))
    const html = renderHtml(made)
    expect(html.match(/<\/script>/g)).toHaveLength(3)
    expect(JSON.stringify(htmlImages(made))).toContain('‹U+202E›')
  })

  test('links lead to the web or nowhere', () => {
    const html = renderHtml(
      report([
        addon([
          target('amd64', {
            audit: [{ rule: 'r', severity: 'error', message: 'm', fix: 'f', link: 'javascript:alert(1)' }],
          }),
        ]),
      ]),
    )
    expect(html).not.toContain('javascript:')
  })
})

describe('without its script', () => {
  test.each(Object.keys(situations))('%s shows verdict and every image', (name) => {
    const made = (situations[name] as () => Report)()
    const html = renderHtml(made).replace(/<script[\s\S]*?<\/script>/g, '')
    for (const { targets } of made.addons) for (const { architecture } of targets) expect(html).toContain(architecture)
    expect(html).toContain('<h1>')
  })

  test('a reason shows the line of the file that it names', () => {
    const page = renderHtml((situations['version-not-raised'] as () => Report)())
    expect(page).toContain('Set &quot;version&quot; to 1.2.4. (<code>docker/config.yaml:2</code>)')
  })

  test('a failure shows its evidence', () => {
    expect(page('one-architecture-failed')).toContain('KeyError: &#39;api_key&#39;')
  })
})

test('trees together stay within what a browser reads at once', () => {
  const html = renderHtml(reportWithTrees(largeTree(90_000), largeTree(90_000, 2)))
  expect(html.length).toBeLessThan(9_000_000)
})

test('the script of the page is checked against the types of a browser', () => {
  const root = new URL('../../../', import.meta.url)
  const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root))
  const { stdout, status } = spawnSync(
    process.execPath,
    [tsc, '-p', fileURLToPath(new URL('src/report/html/client', root))],
    {
      encoding: 'utf8',
    },
  )
  expect(stdout).toBe('')
  expect(status).toBe(0)
})
