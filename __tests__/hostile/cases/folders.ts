// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of other languages are what is tested.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Checkout, config, dockerfile, type HostileCase } from '../checkout.ts'
import { payloads } from '../payloads.ts'

/** The files that a run reads of an add-on by itself. */
const read = [
  'config.yaml',
  'config.yml',
  'config.json',
  'build.yaml',
  'build.yml',
  'build.json',
  'Dockerfile',
  'Dockerfile.amd64',
  '.dockerignore',
]

/** Where a link can lead that is committed in place of a file. */
const ends: Readonly<Record<string, string>> = {
  '/etc/passwd': '/etc/passwd',
  '/dev/zero': '/dev/zero',
  '/dev/stdin': '/dev/stdin',
  '/proc/self/environ': '/proc/self/environ',
  'a file outside': '../../canary.txt',
  'an add-on outside': '../../outside/config.yaml',
  itself: 'config.yaml',
  'the folder above': '..',
  nowhere: 'missing',
  'a chain': 'link-1',
}

const fine = (checkout: Checkout, except: string): Checkout => {
  if (!except.startsWith('config')) checkout.file('a/config.yaml', config())
  if (except !== 'Dockerfile') checkout.file('a/Dockerfile', dockerfile)
  return checkout
}

const instead = (
  what: string,
  place: (checkout: Checkout, file: string) => void,
  nasty = false,
): readonly HostileCase[] =>
  read.map((file, index) => ({
    family: 'links and special files',
    name: `${file} is ${what}`,
    write: (checkout) => place(fine(checkout, file), `a/${file}`),
    ...(nasty && index % 3 === 0 && { nasty: true as const }),
  }))

const single = (name: string, write: (checkout: Checkout) => void, more: Partial<HostileCase> = {}): HostileCase => ({
  family: 'folders',
  name,
  write,
  ...more,
})

const addon = (checkout: Checkout, folder: string, slug = 'a'): Checkout =>
  checkout.files({ [`${folder}/config.yaml`]: config(slug), [`${folder}/Dockerfile`]: dockerfile })

/** Names that a folder can have on Linux. */
const names: readonly string[] = [
  'a\nb',
  'a\r\n::error::x',
  '::error::x',
  '::set-output name=x::y',
  '-rf',
  '--privileged',
  '--',
  '...',
  '.hidden',
  ' a',
  'a ',
  '#a',
  '!a',
  '*',
  '[a]',
  '{a,b}',
  '(a+)+',
  '$(id)',
  '`id`',
  'a;b',
  'a"b',
  "a'b",
  'a\\b',
  'a:b',
  'a=b',
  'a,b',
  'a%0Ab',
  '${{ github.token }}',
  '\u001b[31m',
  '\u0085::error::x',
  'a\u2028b',
  '\u202eb',
  '__proto__',
  'constructor',
  'é'.repeat(100),
  'a'.repeat(255),
]

export const folderCases: readonly HostileCase[] = [
  ...Object.entries(ends).flatMap(([what, target], index) =>
    instead(`a link to ${what}`, (checkout, file) => void checkout.link(file, target), index < 5),
  ),
  ...instead('a named pipe', (checkout, file) => void checkout.pipe(file), true),
  ...instead('a folder', (checkout, file) => void checkout.folder(file)),
  single('a chain of forty links', (checkout) => {
    for (let index = 1; index < 45; index += 1) checkout.link(`a/link-${index}`, `link-${index + 1}`)
    fine(checkout, 'config.yaml').link('a/config.yaml', 'link-1')
  }),
  single(
    'links that lead to each other',
    (checkout) =>
      void fine(checkout, 'config.yaml').link('a/config.yaml', 'config.yml').link('a/config.yml', 'config.yaml'),
  ),
  single('the add-on is a link to a folder outside', (checkout) => void checkout.link('a', '../outside'), {
    inputs: { target: 'a' },
    nasty: true,
  }),
  single(
    'an add-on is a link to a folder outside, found by looking',
    (checkout) => void addon(checkout, 'b').link('a', '../outside'),
  ),
  single(
    'an add-on is a link to the folder above, found by a pattern',
    (checkout) => void addon(checkout, 'b').link('a', '..'),
    { inputs: { target: '*' } },
  ),
  single('an add-on is a link to the root of the machine', (checkout) => void checkout.link('a', '/'), {
    inputs: { target: 'a/etc' },
  }),
  single('a link in the middle of a target', (checkout) => void checkout.link('a/b', '../..'), {
    inputs: { target: 'a/b/outside' },
    nasty: true,
  }),
  single('a link in the middle of a pattern', (checkout) => void checkout.link('a/b', '../..'), {
    inputs: { target: 'a/b/*' },
  }),
  single(
    'a folder that links to itself',
    (checkout) => void addon(checkout, 'a').link('a/again', '.').link('a/up', '..'),
  ),
  single(
    'the Dockerfile that is named is a link outside',
    (checkout) => void checkout.file('a/config.yaml', config()).link('a/Own', '../../outside/Dockerfile'),
    { inputs: { target: 'a', file: 'Own' }, nasty: true },
  ),
  single(
    'the folder of reports is a link outside',
    (checkout) => void checkout.file('a/config.yaml', '[').file('a/Dockerfile', '').link('reports', '../outside'),
    { inputs: { 'report-path': 'reports' }, nasty: true },
  ),
  single(
    'a report is a link to a file outside',
    (checkout) =>
      void ['report.json', 'report.md', 'report.html', 'report.sarif'].reduce(
        (all, file) => all.link(`reports/${file}`, '../../canary.txt'),
        checkout.file('a/config.yaml', '[').file('a/Dockerfile', ''),
      ),
    { inputs: { 'report-path': 'reports' }, nasty: true },
  ),
  ...names.map((name, index) =>
    single(`a folder is called ${JSON.stringify(name.slice(0, 40))}`, (checkout) => void addon(checkout, name), {
      ...(index % 6 === 0 && { nasty: true }),
    }),
  ),
  ...names.slice(0, 24).map((name) =>
    single(
      `files are called ${JSON.stringify(name.slice(0, 40))}`,
      (checkout) =>
        void addon(checkout, 'a')
          .file(`a/${name}`, 'x')
          .file(`a/Dockerfile.${name.slice(0, 200)}`, dockerfile),
    ),
  ),
  single(
    'names that are not UTF-8',
    (checkout) => {
      addon(checkout, 'a')
      for (const bytes of [[0xff, 0xfe], [0xc3, 0x28], [0x80], [0xed, 0xa0, 0x80]]) {
        const name = Buffer.from(bytes)
        checkout.folder(name)
        checkout.file(Buffer.concat([name, Buffer.from('/config.yaml')]), config('b'))
        checkout.file(Buffer.concat([name, Buffer.from('/Dockerfile')]), dockerfile)
        checkout.file(Buffer.concat([Buffer.from('a/'), name]), 'x')
      }
    },
    { nasty: true },
  ),
  single('ten thousand folders', (checkout) => {
    addon(checkout, 'a')
    for (let index = 0; index < 10_000; index += 1) checkout.folder(`f${index}`)
  }),
  single('a thousand files in one folder', (checkout) => {
    addon(checkout, 'a')
    for (let index = 0; index < 1000; index += 1) checkout.file(`a/f${index}`)
  }),
  single('folders nested as deep as a path can be', (checkout) => {
    addon(checkout, 'a')
    checkout.folder(Array(1900).fill('d').join('/'))
    addon(checkout, Array(1000).fill('e').join('/'), 'b')
  }),
  single('three hundred add-ons', (checkout) => {
    for (let index = 0; index < 300; index += 1)
      checkout.files({ [`a${index}/config.yaml`]: config(`a${index}`), [`a${index}/Dockerfile`]: dockerfile })
  }),
  single('three hundred add-ons that are all wrong', (checkout) => {
    for (let index = 0; index < 300; index += 1)
      checkout.files({ [`a${index}/config.yaml`]: '[', [`a${index}/Dockerfile`]: '' })
  }),
  single('three hundred times the same slug', (checkout) => {
    for (let index = 0; index < 300; index += 1) addon(checkout, `a${index}`, 'same')
  }),
  single('a file that nobody may read', (checkout) => {
    addon(checkout, 'a')
    execFileSync('chmod', ['000', join(checkout.root, 'a/config.yaml')])
  }),
  single('translations, scripts and an icon that are hostile', (checkout) => {
    addon(checkout, 'a')
    checkout.link('a/translations', '../../outside').link('a/rootfs', '/').link('a/icon.png', '/dev/zero')
    checkout.pipe('a/run.sh').link('a/README.md', '../../canary.txt').link('a/.git', '/proc/self')
  }),
  ...payloads
    .map((payload) =>
      single(
        `translations say ${JSON.stringify(payload.slice(0, 40))}`,
        (checkout) =>
          void addon(checkout, 'a').file(
            'a/translations/en.yaml',
            `configuration: {${JSON.stringify(payload)}: {name: ${JSON.stringify(payload)}, description: ${JSON.stringify(payload)}}}\n`,
          ),
      ),
    )
    .filter((_, index) => index % 8 === 0),
]
