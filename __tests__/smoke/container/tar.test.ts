import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { extract } from 'tar-stream'
import { type TarFile, tar } from '../../../src/smoke/container/tar.ts'

async function readBack(files: readonly TarFile[]) {
  const found: Record<string, { bytes: Buffer; mode: number | undefined }> = {}
  const reader = extract()
  reader.end(tar(files))
  for await (const entry of reader) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    found[entry.header.name] = { bytes: Buffer.concat(chunks), mode: entry.header.mode }
  }
  return found
}

test('a tar archive is read back whole by another program', async () => {
  const content = fc.oneof(fc.string({ maxLength: 2000 }), fc.uint8Array({ maxLength: 2000 }))
  const name = fc.stringMatching(/^[a-zä漢]{1,60}$/)
  await fc.assert(
    fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 3 }), name, async (contents, part) => {
      const files = contents.map((one, index) => ({ path: `data/${part}/${part}${index}`, content: one, mode: 0o600 }))
      expect(await readBack(files)).toEqual(
        Object.fromEntries(files.map((file) => [file.path, { bytes: Buffer.from(file.content), mode: 0o600 }])),
      )
    }),
    { numRuns: 50 },
  )
})

// Around 100 bytes, and where the length of the pax record gets one more digit.
test.each([99, 100, 101, 988, 989, 990, 991, 992, 4000])('a path of %d bytes is kept', async (length) => {
  const path = 'p/'.padEnd(length, 'x')
  expect(Object.keys(await readBack([{ path, content: 'x', mode: 0o644 }]))).toEqual([path])
})
