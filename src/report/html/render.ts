import { createHash } from 'node:crypto'
import { clause, shortCommit } from '../figures.ts'
import { headlineOf } from '../headline.ts'
import type { Report } from '../model/report.ts'
import { rowsOf } from '../rows.ts'
import { script, style } from './assets.ts'
import { type HtmlImage, htmlImages } from './data.ts'
import { anchor, escaped, jsonInHtml } from './escape.ts'
import {
  auditSection,
  changesSection,
  contextsSection,
  detailsSection,
  emulationSection,
  evidenceSection,
  imagesSection,
  reasonsSection,
  verifySection,
} from './sections.ts'

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** `report.html`: one file that loads nothing else. Its Content-Security-Policy allows only the script that is in it. */
export function renderHtml(report: Report): string {
  const headline = headlineOf(report)
  const rows = rowsOf(report)
  const several = report.addons.length > 1
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escaped(headline.text)}</title>
<style>${style}</style>
</head>
<body>
<header class="verdict ${headline.state}">
<h1>${headline.icon} ${escaped(headline.text)}</h1>
<p class="about">${about(report)}</p>
</header>
<main>
${reasonsSection(report, several)}
${imagesSection(rows, several)}
${evidenceSection(rows, several)}
${changesSection(rows, several)}
${explorer}
${auditSection(report)}
${emulationSection(rows)}
${contextsSection(report)}
${detailsSection(rows, several)}${verifySection(report)}
</main>
${htmlImages(report).map(dataBlock).join('\n')}
<script>${script}</script>
</body>
</html>
`
}

/** The data of one image, in a block of its own: the page parses only the block of the selected image. */
const dataBlock = (image: HtmlImage): string =>
  `<script type="application/json" data-image="${escaped(image.name)}">${jsonInHtml(image)}</script>`

function about({ run, tool, publication }: Report): string {
  const commit = run.headSha ?? run.sha
  return [
    ...(run.repository === '' ? [] : [escaped(run.repository)]),
    ...(commit === '' ? [] : [`commit <code>${escaped(shortCommit(commit))}</code>`]),
    ...(run.pullRequest === undefined ? [] : [`pull request ${run.pullRequest}`]),
    ...(run.url === '' ? [] : [anchor('run', run.url)]),
    `<time datetime="${escaped(run.finishedAt)}">${escaped(run.finishedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</time>`,
    publication.status === 'published' ? 'published' : `not published: ${escaped(clause(publication.reason))}`,
    `${tool.name} ${escaped(tool.version)}`,
  ].join(' · ')
}

const explorer = `<noscript><p class="soft">The treemap needs JavaScript. The tables contain the same figures.</p></noscript>
<section id="explorer" aria-labelledby="inside" hidden>
<h2 id="inside">Contents</h2>
<div class="controls">
<label>Image <select id="image"></select></label>
<label>Group by <select id="group"><option value="folder">Folders</option><option value="package">Packages</option><option value="layer">Layers</option><option value="waste">Wasted bytes</option></select></label>
<label>Show <select id="mode"><option value="after">After</option><option value="before">Before</option><option value="change">Change</option></select></label>
<label class="wide">Search <input id="query" type="search" autocomplete="off" spellcheck="false" placeholder="name or path, press /"></label>
</div>
<nav aria-label="Path"><ol id="crumbs"></ol></nav>
<div id="map" role="tree" aria-label="Treemap: arrow keys move, Enter opens, Escape goes back" aria-describedby="legend"></div>
<p id="legend" class="soft"></p>
<ul id="key"></ul>
<p id="hint" aria-hidden="true" hidden></p>
<p id="status" class="hidden" role="status"></p>
<div class="scroll"><table id="contents"></table></div>
</section>`
