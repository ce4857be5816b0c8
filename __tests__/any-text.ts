import fc, { type StringSharedConstraints } from 'fast-check'

/** Without halves of surrogate pairs, as the unit `binary` of fast-check has it. */
const codePoint = fc.integer({ min: 0, max: 0x10f7ff }).map((at) => String.fromCodePoint(at < 0xd800 ? at : at + 0x800))

const character = fc.oneof(
  { weight: 12, arbitrary: codePoint },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 0x7f }).map((at) => String.fromCodePoint(at)) },
  // Several code points that are seen as one.
  { weight: 1, arbitrary: fc.constantFrom('e\u0301', '\u1100\u1161', '🇩🇪', '👩\u200d👧', '\r\n') },
)

/**
 * Text of any characters. The units `binary` and `grapheme` of fast-check first make a table of all that there are, which takes each file of tests more
 * than a second.
 */
export const anyText = (constraints: StringSharedConstraints = {}): fc.Arbitrary<string> =>
  fc.string({ ...constraints, unit: character })
