import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { extract } from 'tar-stream'
import { tar } from '../../../src/smoke/container/tar.ts'

test('a tar archive is read back whole by another program', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 2000 }), async (content) => {
      const files: Record<string, { text: string; mode: number | undefined }> = {}
      const reader = extract()
      reader.end(Buffer.from(tar([{ path: 'data/options.json', content, mode: 0o600 }])))
      for await (const entry of reader) {
        const chunks: Buffer[] = []
        for await (const chunk of entry) chunks.push(chunk as Buffer)
        files[entry.header.name] = { text: Buffer.concat(chunks).toString('utf8'), mode: entry.header.mode }
      }
      const wellFormed = Buffer.from(content).toString('utf8')
      expect(files).toEqual({ 'data/options.json': { text: wellFormed, mode: 0o600 } })
    }),
    { numRuns: 50 },
  )
})
