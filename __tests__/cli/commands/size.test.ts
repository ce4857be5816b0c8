import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readCommandLine } from '../../../src/cli/arguments.ts'
import { size } from '../../../src/cli/commands/size.ts'
import { addonFiles } from '../../e2e/addon.ts'
import { bareHost } from '../../fakes/bare-host.ts'
import { startLoopback } from '../../fakes/loopback.ts'
import { type Made, makeImage } from '../../image/samples/image.ts'
import { tar } from '../../image/samples/tar.ts'

let folder: string
const history = (...steps: readonly string[]) => steps.map((created_by) => ({ created_by }))
const apk = (...packages: readonly string[]) =>
  `${packages.map((name) => `P:${name}\nV:1.0\nI:${name === 'gcc' ? 31_000_000 : 50_000}`).join('\n\n')}\n\n`
const base = [
  { path: 'bin/busybox', content: 'b'.repeat(40_000) },
  { path: 'lib/apk/db/installed', content: apk('musl') },
]
const before = makeImage({ layers: [base], history: history('ADD rootfs /') })
const after = makeImage({
  layers: [
    base,
    [
      { path: 'lib/apk/db/installed', content: apk('musl', 'gcc') },
      { path: 'opt/evil\u001b[2J\nname', content: 'x'.repeat(30_000) },
    ],
    [{ path: 'opt/.wh.evil\u001b[2J\nname' }],
  ],
  history: history('ADD rootfs /', 'RUN /bin/sh -c apk add gcc # buildkit', 'RUN /bin/sh -c rm -r /opt # buildkit'),
})
const arm = makeImage({ layers: [base], architecture: 'arm', variant: 'v7' })

function writeLayout(name: string, made: Made): void {
  mkdirSync(join(folder, name, 'blobs', 'sha256'), { recursive: true })
  for (const [digest, bytes] of made.blobs) writeFileSync(join(folder, name, 'blobs', 'sha256', digest.slice(7)), bytes)
  writeFileSync(join(folder, name, 'index.json'), JSON.stringify({ manifests: [{ digest: made.root, size: 1 }] }))
}

/** The same as one file, as `docker buildx build --output type=oci,dest=FILE` writes it. */
function writeArchive(name: string, made: Made): void {
  const index = JSON.stringify({ manifests: [{ digest: made.root, size: made.blobs.get(made.root)?.length }] })
  const blobs = [...made.blobs].map(([digest, content]) => ({ path: `blobs/sha256/${digest.slice(7)}`, content }))
  writeFileSync(
    join(folder, name),
    tar([
      { path: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
      { path: 'index.json', content: index },
      ...blobs,
    ]),
  )
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'size-command-'))
  writeLayout('before', before)
  writeLayout('arm', arm)
  writeArchive('after.tar', after)
  for (const [path, text] of Object.entries(addonFiles({ base: 'x', folder: 'addon' }))) {
    mkdirSync(join(folder, 'addon'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Without an engine: files need none. */
async function call(...args: readonly string[]) {
  const host = bareHost(folder, join(folder, 'temporary'))
  const exitCode = await size(readCommandLine(['size', ...args, '--architectures', 'amd64']), host)
  return {
    exitCode,
    text: host.lines.join('\n'),
    said: host.said.map(({ message, remedy }) => `${message} ${remedy}`).join('\n'),
  }
}

test('prints the size of an image by layer, and wasted bytes', async () => {
  const { exitCode, text } = await call('after.tar')
  expect(exitCode).toBe(0)
  expect(text).toMatch(/^Download \S+ \S+, on disk 70\.\d kB, of which 30\.\d kB are hidden by later layers$/m)
  expect(text).toMatch(/^ {2}2 .* RUN apk add gcc$/m)
  expect(text).toMatch(/^ {2}30\.0 kB: .*written by `RUN apk add gcc`, deleted by `RUN rm -r \/opt`/m)
  expect(text).toMatch(/^ {2}31\.0 MB {2}gcc 1\.0 +apk$/m)
  expect(text).toMatch(/^ {2}40\.0 kB {2}\/bin\/busybox$/m)
})

test('prints the difference of two images, from a layout and an archive', async () => {
  const { exitCode, text } = await call('before', 'after.tar')
  expect(exitCode).toBe(0)
  expect(text).toMatch(/^On disk +40\.0 kB +70\.\d kB +\+30\.\d kB$/m)
  expect(text).toMatch(/^Update: \S+ \S+ \(download of a device that has the first image\)$/m)
  expect(text).toContain('+31.0 MB: package gcc 1.0 stays in the image, added by `RUN apk add gcc`')
})

test('prints that images are identical', async () => {
  expect((await call('before', 'before')).text).toBe(`Identical image: ${before.manifest.config.digest}`)
})

test('nothing in an image acts on the terminal', async () => {
  for (const args of [['after.tar'], ['before', 'after.tar']]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
    expect((await call(...args)).text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  }
})

test.each<[string, number, string]>([
  ['nothing.tar', 2, '"nothing.tar": There is no such file or folder.'],
  ['./nothing', 2, '"./nothing": There is no such file or folder.'],
  ['addon', 2, '"addon": This folder has no index.json, so it is not an OCI layout.'],
  ['addon/Dockerfile', 2, '"addon/Dockerfile": This file is not an image archive.'],
  ['no image%', 2, '"no image%": This is neither a file nor an image name.'],
  ['Image', 2, '"Image": This is neither a file nor an image name.'],
  ['arm', 3, 'Name the architecture, as in "--architectures armv7".'],
])('%j exits with %d and names the image and the reason', async (operand, exitCode, said) => {
  const found = await call('before', operand)
  expect(found.exitCode).toBe(exitCode)
  expect(found.said).toContain(said)
  expect(found.text).toBe('')
})

test.each([
  [404, 2, /neither the engine nor the registry has such an image\. Check the name/],
  [401, 2, /such an image that is readable without a login\. Log in with "docker login"\./],
  [403, 2, /such an image that is readable without a login\. Log in with "docker login"\./],
])('an image whose registry answers %d ends with exit code %d', async (status, exitCode, expected) => {
  const registry = await startLoopback((_, response) => response.writeHead(status).end())
  try {
    const found = await call('before', `127.0.0.1:${registry.port}/org/add-on:1`)
    expect(found.exitCode).toBe(exitCode)
    expect(found.said).toMatch(expected)
  } finally {
    await registry.close()
  }
})
