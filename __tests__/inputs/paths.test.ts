import fc from 'fast-check'
import { isWrong, type Parsed } from '../../src/core/parsed.ts'
import { parseTarget } from '../../src/inputs/paths.ts'

const take = <T>(result: Parsed<T>): T | undefined => (isWrong(result) ? undefined : result.value)

describe('targets', () => {
  test('never lead out of the workspace', () => {
    const part = fc.constantFrom('..', '.', 'a', '', 'b c', '...', 'rootfs')
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), fc.boolean(), (parts, absolute) => {
        const path = take(parseTarget((absolute ? '/workspace/' : '') + parts.join('/'), '/workspace'))
        if (path === undefined) return
        expect(path.startsWith('/')).toBe(false)
        let depth = 0
        for (const one of path.split('/')) {
          depth += one === '..' ? -1 : one === '.' ? 0 : 1
          expect(depth).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })
})
