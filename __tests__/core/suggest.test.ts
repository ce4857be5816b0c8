import fc from 'fast-check'
import { nearest, suggestion } from '../../src/core/suggest.ts'

test.each([
  ['sqash', ['squash', 'args'], 'squash'],
  ['arm46', ['amd64', 'arm64'], 'arm64'],
  ['TARGET', ['target'], 'target'],
  ['build-from', ['build_from'], 'build_from'],
  ['xyz', ['abc'], undefined],
  ['', ['abc'], undefined],
  // One slip in three letters, two in seven, three in more.
  ['evv', ['env'], 'env'],
  ['evx', ['env'], undefined],
  ['envxy', ['env'], undefined],
  ['ba', ['ab'], 'ab'],
  ['b', ['ab'], 'ab'],
  ['xy', ['ab'], undefined],
  ['cba', ['abc'], undefined],
  ['ab', ['bc'], undefined],
  ['cb', ['ac'], undefined],
  ['lbxl', ['labl'], 'labl'],
  ['axxl', ['labl'], undefined],
  ['axxyz12', ['abcyz12'], 'abcyz12'],
  ['axxxz12', ['abcyz12'], undefined],
  ['axxxz123', ['abcyz123'], 'abcyz123'],
  ['axxxx123', ['abcyz123'], undefined],
  ['servicesxyz', ['services'], 'services'],
  ['serviceswxyz', ['services'], undefined],
  ['rvices', ['services'], 'services'],
  // The nearest, and the first of those that are as near.
  ['cats', ['bats', 'cats', 'cat'], 'cats'],
  ['xats', ['bats', 'cats'], 'bats'],
  // Spaces around it, capitals, dashes and underscores do not count.
  ['   ENV   ', ['env'], 'env'],
  ['b_u_i_l_d_f_r_o_m', ['buildfrom'], 'buildfrom'],
  ['buildfrom', ['b-u-i-l-d-f-r-o-m'], 'b-u-i-l-d-f-r-o-m'],
])('"%s" was meant to be %s', (written, known, meant) => {
  expect(nearest(written, known)).toBe(meant)
})

test('a name that is known is nearest to itself, and swapping two letters does not change that', () => {
  const known = ['target', 'architectures', 'multi-arch-image', 'smoke-timeout', 'max-increase']
  fc.assert(
    fc.property(fc.constantFrom(...known), fc.nat(20), (name, at) => {
      const index = at % (name.length - 1)
      const swapped = name.slice(0, index) + name[index + 1] + name[index] + name.slice(index + 2)
      expect(nearest(swapped, known)).toBe(name)
    }),
  )
})

test('without a similar name, all names are listed', () => {
  expect(suggestion('xyz', ['one', 'two'])).toBe('Use one of: one, two.')
})

test('a similar name is suggested', () => {
  expect(suggestion('onee', new Set(['two', 'one']))).toBe('Did you mean "one"?')
})
