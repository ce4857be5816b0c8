import fc from 'fast-check'
import { quoted } from '../../src/core/parsed.ts'
import { anyText } from '../fixtures/any-text.ts'

test('a quoted text is one short line', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 300 }), (text) => {
      expect(quoted(text)).not.toMatch(/\p{Cc}/u)
      expect(quoted(text).length).toBeLessThanOrEqual(82)
    }),
  )
})
