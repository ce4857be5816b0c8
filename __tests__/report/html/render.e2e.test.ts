import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { jest } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { renderHtml } from '../../../src/report/html/render.ts'
import type { Report } from '../../../src/report/model/report.ts'
import { describeWith } from '../../environment/describe-with.ts'
import { openBrowser } from '../browser.ts'
import { browserPath } from '../browser-path.ts'
import { situations } from '../situations.ts'
import { file, folder, largeTree, pythonTree, reportWithTrees } from '../trees.ts'

// Thousands of documents are parsed, or pages opened, perhaps on a busy machine.
jest.setTimeout(60_000)

const executable = browserPath()

describeWith(['browser'], 'report.html in Chromium', () => {
  let browser: Browser
  let temporary: string
  let trouble: string[]

  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), 'aicleaner-report-'))
    browser = await openBrowser(executable ?? '')
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    rmSync(temporary, { recursive: true, force: true })
  })
  beforeEach(() => {
    trouble = []
  })
  // Errors of the script, refusals of the policy and requests of any kind all show here.
  afterEach(() => expect(trouble).toEqual([]))

  async function open(report: Report, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const path = join(temporary, `${expect.getState().currentTestName?.replace(/\W+/g, '-')}.html`)
    writeFileSync(path, renderHtml(report))
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options })
    page.on('pageerror', (error) => trouble.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') trouble.push(message.text())
    })
    const address = pathToFileURL(path).href
    page.on('request', (request) => {
      if (request.url() !== address) trouble.push(`request: ${request.url()}`)
    })
    await page.goto(address)
    return page
  }

  const grown = (): Report => reportWithTrees(pythonTree(true), pythonTree(false))
  const box = (page: Page, name: string) => page.locator(`.box[aria-label^="${name}:"]`)

  test('shows what grew at one look', async () => {
    const page = await open(grown())
    expect(await page.locator('h1').textContent()).toContain('31.0 MB larger each')
    expect(await page.locator('#mode').inputValue()).toBe('change')
    expect(await box(page, 'usr/lib/gcc/cc1').getAttribute('class')).toContain('grew')
    expect(await box(page, 'usr/lib/libcrypto.so.3').getAttribute('class')).not.toMatch(/grew|shrank/)
    await page.close()
  })

  test('is walked through with the keyboard alone', async () => {
    const page = await open(grown())
    await page.locator('#map [tabindex="0"]').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await page.locator(':focus').getAttribute('aria-label')).toMatch(/^usr\/lib\/\w+/)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    expect(await page.locator('#crumbs [aria-current]').textContent()).toMatch(/^lib · /)
    expect(await page.locator('#status').textContent()).toMatch(/^usr\/lib: /)
    expect(await page.locator(':focus').getAttribute('role')).toBe('treeitem')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    expect(await page.locator('#crumbs [aria-current]').textContent()).toMatch(/^all · /)
    expect(await page.locator('#map [tabindex="0"]').count()).toBe(1)
    await page.close()
  })

  test('is a tree with names, levels and positions for a screen reader', async () => {
    const page = await open(grown())
    const tree = page.getByRole('tree', { name: /Treemap/ })
    const items = tree.getByRole('treeitem')
    expect(await items.count()).toBeGreaterThan(20)
    const first = items.first()
    expect(await first.getAttribute('aria-level')).toBe('1')
    expect(await first.getAttribute('aria-posinset')).toBe('1')
    expect(await first.getAttribute('aria-setsize')).toBe('3')
    expect(await first.getAttribute('aria-expanded')).toBe('true')
    expect(await page.getByRole('table').count()).toBeGreaterThan(1)
    for (const control of await page.locator('select, input').all()) {
      expect(
        await control.evaluate((element) => (element as unknown as { labels: ArrayLike<unknown> }).labels.length),
      ).toBe(1)
    }
    await page.close()
  })

  test('opens folders by a click, in the map and in the table', async () => {
    const page = await open(grown())
    await page.locator('#contents button', { hasText: 'usr' }).click()
    await page.locator('#contents button', { hasText: 'lib' }).click()
    const rows = await page.locator('#contents tbody tr').allTextContents()
    expect(rows[0]).toMatch(/^python3\.12/)
    expect(rows.some((row) => row.startsWith('gcc0 B31.0 MB+31.0 MB'))).toBe(true)
    await box(page, 'usr/lib/gcc').click({ position: { x: 5, y: 5 } })
    expect(await page.locator('#crumbs [aria-current]').textContent()).toBe('gcc · 31.0 MB')
    await page.locator('#crumbs button', { hasText: 'all' }).click()
    expect(await page.locator('#contents caption').textContent()).toBe('All: 3 entries')
    await page.close()
  })

  test('finds files by name', async () => {
    const page = await open(grown())
    await page.keyboard.press('/')
    await page.keyboard.type('LIBGCC')
    // On a busy machine the page searches before the last letter has come: what is found then is not looked at.
    await page.locator('#contents caption', { hasText: /^1 found, 1\.0 MB$/ }).waitFor()
    expect(await page.locator('#contents tbody th').first().textContent()).toBe('usr/lib/gcc/libgcc.a')
    expect(await box(page, 'usr/lib/gcc/libgcc.a').getAttribute('class')).toContain('match')
    expect(await box(page, 'venv').getAttribute('class')).toContain('dim')
    await page.close()
  })

  test('groups by package and by layer, before and after, and for each architecture', async () => {
    const page = await open(grown())
    await page.locator('#group').selectOption('package')
    expect(await page.locator('#map').textContent()).toContain('gcc')
    await page.locator('#group').selectOption('layer')
    expect(await page.locator('#contents tbody').textContent()).toMatch(/RUN apk add/)
    await page.locator('#group').selectOption('folder')
    await page.locator('#mode').selectOption('before')
    expect(await box(page, 'usr/lib/gcc').count()).toBe(0)
    await page.locator('#mode').selectOption('after')
    expect(await box(page, 'usr/lib/gcc').count()).toBe(1)
    await page.locator('#image').selectOption('1')
    expect(await page.locator('#image option:checked').textContent()).toBe('aarch64')
    await page.close()
  })

  test('explains its colours and the box under the pointer', async () => {
    const page = await open(grown())
    expect(await page.locator('#key li').allTextContents()).toEqual(['grew', 'shrank', 'did not change'])
    await box(page, 'usr/lib/gcc/cc1').hover()
    const hint = page.locator('#hint')
    expect(await hint.isVisible()).toBe(true)
    expect(await hint.textContent()).toMatch(
      /^usr\/lib\/gcc\/cc1: 21\.0 MB, before 0 B, \+21\.0 MB · layer 2: RUN apk add/,
    )
    const { x = 0, width = 0 } = (await hint.boundingBox()) ?? {}
    expect(x + width).toBeLessThanOrEqual(1200)
    await page.locator('h1').hover()
    expect(await hint.isVisible()).toBe(false)
    await page.locator('#mode').selectOption('after')
    expect((await page.locator('#key li').allTextContents()).join()).toMatch(/added by layer 2: RUN apk add/)
    await page.close()
  })

  test('begins with wasted bytes where only they changed', async () => {
    const tree = pythonTree(false)
    const same = reportWithTrees(tree, tree)
    const waste = [{ path: 'venv', bytes: 21e6, files: 9, reason: 'metadata-only', writtenBy: 1, hiddenBy: 2 }]
    for (const { targets } of same.addons)
      for (const { size } of targets) Object.assign(size?.measure.contents ?? {}, { waste })
    const page = await open(same)
    expect(await page.locator('#group').inputValue()).toBe('waste')
    expect(await box(page, 'venv').getAttribute('aria-label')).toMatch(
      /^venv: 21\.0 MB, before 0 B, \+21\.0 MB \(same content, different owner or mode: written by layer 2, hidden by layer 3\)/,
    )
    await page.close()
  })

  test('explains why there is nothing to compare with', async () => {
    const page = await open(reportWithTrees(pythonTree(true)))
    expect(await page.locator('#legend').textContent()).toContain('Only the manifest of the previous image was read')
    expect(await page.locator('#mode option:disabled').count()).toBe(2)
    await page.close()
  })

  test.each(Object.keys(situations))('shows %s without an error', async (name) => {
    const page = await open((situations[name] as () => Report)())
    expect(await page.locator('h1').isVisible()).toBe(true)
    await page.close()
  })

  test('runs no script from a name', async () => {
    const evil = '</script><img src=x onerror="document.title=1">'
    const page = await open(reportWithTrees(folder('', [folder(evil, [file(evil, 5_000_000)])])))
    await page.locator('#contents button').click()
    expect(await page.locator('#contents tbody').textContent()).toContain('<img src=x')
    expect(await page.title()).not.toBe('1')
    expect(await page.locator('img').count()).toBe(0)
    await page.close()
  })

  test('is light or dark as its reader is, and readable in both', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await open(grown(), { colorScheme })
      // Contrast by WCAG 2 of the text against the page, and of labels against their boxes: 4.5 to 1 at least.
      const worst = await page.evaluate(contrastInPage)
      expect(worst).toBeGreaterThanOrEqual(4.5)
      await page.close()
    }
  })

  test('prints with its map and without its controls', async () => {
    const page = await open(grown())
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.controls').isVisible()).toBe(false)
    expect(await page.locator('#map').isVisible()).toBe(true)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    await page.close()
  })

  test('fits a telephone', async () => {
    const page = await open(grown(), { viewport: { width: 360, height: 740 } })
    const wide = await page.evaluate('document.documentElement.scrollWidth')
    expect(wide).toBeLessThanOrEqual(360)
    await page.close()
  })

  test('works without its script', async () => {
    const page = await open(grown(), { javaScriptEnabled: false })
    expect(await page.locator('noscript').textContent()).toContain('needs JavaScript')
    expect(await page.locator('#explorer').isVisible()).toBe(false)
    expect(await page.locator('table').first().isVisible()).toBe(true)
    await page.close()
  })

  test('opens 50,000 files with work that grows no faster than their number, and draws no more than of 12,500', async () => {
    /** Work of the processor, in seconds, and elements drawn, for an image of so many files before and after. */
    const cost = async (files: number) => {
      const { addons, ...rest } = reportWithTrees(largeTree(files), largeTree(files))
      const one = { ...rest, addons: addons.map((addon) => ({ ...addon, targets: addon.targets.slice(0, 1) })) }
      const path = join(temporary, `large-${files}.html`)
      writeFileSync(path, renderHtml(one))
      const page = await browser.newPage({ viewport: { width: 1200, height: 900 } })
      const session = await page.context().newCDPSession(page)
      // Time of the processor, not of the clock: other tests use the same processors at the same time.
      await session.send('Performance.enable', { timeDomain: 'threadTicks' })
      await page.goto(pathToFileURL(path).href)
      const boxes = await page.locator('.box').count()
      const { metrics } = await session.send('Performance.getMetrics')
      await page.close()
      return { boxes, seconds: metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN }
    }
    // The least of several, since the first page also pays for what Chromium does once.
    const costs = { few: [await cost(12_500), await cost(12_500)], many: [await cost(50_000), await cost(50_000)] }
    const least = (all: readonly { readonly seconds: number }[]) => Math.min(...all.map(({ seconds }) => seconds))
    // Four times the files: four times the work where it is linear, sixteen times where it is quadratic.
    expect(least(costs.many) / least(costs.few)).toBeLessThan(4)
    const [few, many] = [costs.few[0]?.boxes ?? 0, costs.many[0]?.boxes ?? 0]
    expect(few).toBeGreaterThan(100)
    expect(many).toBeLessThan(2 * few)
  }, 240_000)
})

/** Runs in the page: the lowest contrast of any text that is shown. A string, since this project's types know no DOM. */
const contrastInPage = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgb(getComputedStyle(each).backgroundColor)
      if (colour[3] === 255) return colour
    }
    return [255, 255, 255, 255]
  }
  let worst = 21
  for (const element of document.querySelectorAll('h1, h2, p, td, th, caption, summary, button, label, .box > span')) {
    if (!element.textContent.trim() || !element.checkVisibility()) continue
    const [a, b] = [luminance(rgb(getComputedStyle(element).color)), luminance(ground(element))]
    worst = Math.min(worst, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05))
  }
  return worst
})()`
