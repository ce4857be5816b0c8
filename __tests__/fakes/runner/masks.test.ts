import fc from 'fast-check'
import { createMasker, encodedForms } from './masks.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

test.each([
  ['as it is', 's3cr&t', 's3cr&t'],
  ['in base64', 'hunter2', base64('hunter2')],
  ['in base64 after one byte', 'hunter2', base64(':hunter2').slice(4)],
  ['in base64 after two bytes', 'hunter2', base64('u:hunter2').slice(4)],
  ['in base64 after three bytes', 'hunter2', base64('ab:hunter2').slice(4)],
  ['in a URL', "p@ss w/ö(1)'!*", 'p%40ss%20w%2F%C3%B6%281%29%27%21%2A'],
  ['in JSON', 'a"b\\c\t\u2028d', 'a\\"b\\\\c\\t\\u2028d'],
  ['in an expression', "it's", "it''s"],
  ['in XML', `<a>&"'`, '&lt;a&gt;&amp;&quot;&apos;'],
  ['in an argument of Docker', 'a"b', 'a\\"b'],
  ['without its quotes', '"long enough"', 'long enough'],
  ['up to the last ampersand', 'secret&second', 'secret&'],
  ['after the coloured character', 'secret&+Xsecond', 'second'],
])('a runner hides a secret %s', (_, secret, printed) => {
  expect(createMasker([secret]).mask(`-${printed}-`)).toBe('-***-')
})

test.each([
  ['short quoted text', '"short"', 'short'],
  ['a short part before an ampersand', 'a&b', 'a&!'],
  ['other case', 'Hunter2', 'hunter2'],
  ['another encoding', 'hunter2', Buffer.from('hunter2').toString('hex')],
])('a runner does not hide %s', (_, secret, printed) => {
  expect(createMasker([secret]).mask(printed)).toBe(printed)
})

test('each line of a secret is masked, without surrounding spaces', () => {
  const { mask, add } = createMasker(['  first line\r\n  second \n'])
  expect(mask('first line, second, third')).toBe('***, ***, third')
  add('third\nfourth')
  expect(mask('third fourth')).toBe('*** ***')
  add(' \n')
  expect(mask('a b')).toBe('a b')
})

test('overlapping and adjacent secrets become one mask', () => {
  const { mask } = createMasker(['abcd', 'cdef', 'gh'])
  expect(mask('-abcdefgh-gh-')).toBe('-***-***-')
  expect(createMasker(['aa']).mask('aaaaa')).toBe('***')
})

test('every encoding of every secret is masked', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (secrets) => {
      const forms = secrets.map((secret) => secret.trim()).flatMap((secret) => [secret, ...encodedForms(secret)])
      expect(createMasker(secrets).mask(forms.join('·'))).toMatch(/^[*·]*$/)
    }),
  )
})
