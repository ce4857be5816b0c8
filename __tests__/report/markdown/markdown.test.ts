import fc from 'fast-check'
import {
  blocks,
  code,
  fence,
  folded,
  html,
  link,
  prose,
  right,
  table,
  visible,
} from '../../../src/report/markdown/markdown.ts'
import { anyText } from '../../fixtures/any-text.ts'
import { nodes, parse, tablesOf, textOf } from '../parse.ts'

/** Pieces that mean something to Markdown, to GitHub or to a terminal, in any order, between ordinary text. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '|',
          '\\',
          '`',
          '``',
          '```',
          '<',
          '>',
          '&',
          '@org/team',
          '#12',
          '!3',
          'GH-7',
          '\n',
          '\n\n',
          '\r\n',
          '\t',
          ' ',
          '*',
          '_',
          '~~',
        ],
        ...[
          '[x](http://a.b)',
          '![i](http://a.b/c.png)',
          '<img src=x>',
          '<!-- x -->',
          '-->',
          '</details>',
          '<script>',
          '$x$',
          '&lt;',
          '&#124;',
        ],
        ...[
          'http://evil.example',
          'www.evil.example',
          'https://github.com/a/b/issues/1',
          'a@b.example',
          'mailto:a@b.example',
          'xmpp:a@b.c',
        ],
        ...[
          '\u202e',
          '\u200b',
          '\u2066',
          '\ufeff',
          '\u0000',
          '\u001b[31m',
          '\u001b]0;t\u0007',
          '\ud800',
          '- ',
          '1. ',
          '# ',
          '> ',
          '---',
          '===',
        ],
        ...['| a | b |', ':--', '[^1]', '[x]', '\u2028', '\u0085'],
      ),
      anyText({ maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

/** What may not come out of text that nobody vouches for. */
const active = [
  'link',
  'image',
  'html',
  'heading',
  'list',
  'footnoteReference',
  'imageReference',
  'linkReference',
  'delete',
  'emphasis',
  'strong',
  'blockquote',
  'thematicBreak',
  'definition',
]

const withoutWidth = (text: string): string => text.replaceAll('\u200b', '')
const shown = (text: string): string => visible(text).replace(/\s+/g, ' ').trim()

describe('what can be seen', () => {
  test.each([
    ['text, tabs and line ends', 'a\tb\nc', 'a\tb\nc'],
    ['a line end of Windows', 'a\r\nb\r\n', 'a\nb\n'],
    ['a carriage return alone', 'a\rb', 'a�b'],
    ['a backspace', 'a\bb', 'a�b'],
    ['the first and the last control characters', '\u0000\u0008\u000b\u001f\u007f\u009f', '������'],
    ['a colour', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a private mode', '\u001b[?25lx', 'x'],
    ['a cursor with a space', '\u001b[2 qx', 'x'],
    ['a title that ends with a bell', '\u001b]0;title\u0007x', 'x'],
    ['a title that ends with a string terminator', '\u001b]0;title\u001b\\x', 'x'],
    ['a title without an end', '\u001b]0;title', ''],
    ['a sequence of two characters', '\u001bMx\u001b_y', 'xy'],
    ['an escape alone', 'a\u001b', 'a�'],
    ['an escape before a digit', '\u001b7', '�7'],
    ['half of a surrogate pair', 'a\ud800b', 'a�b'],
    ['a mark of direction', 'a\u202eb', 'a‹U+202E›b'],
    ['a soft hyphen', 'a\u00adb', 'a‹U+00AD›b'],
    ['a byte order mark', '\ufeffa', '‹U+FEFF›a'],
    ['a tag', 'a\u{e0041}b', 'a‹U+E0041›b'],
    ['a joiner and a line separator', '\u200d\u2028', '‹U+200D›‹U+2028›'],
    ['letters of any script', 'größe 大きさ 😀', 'größe 大きさ 😀'],
  ])('%s', (_, text, shownText) => expect(visible(text)).toBe(shownText))
})

describe('prose', () => {
  const z = '\u200b'
  test.each([
    ['plain text', 'a b', 'a b'],
    ['white space', '  a \n\t b  ', 'a b'],
    ['all that Markdown acts on', '\\\\`*_[]#~', '\\\\\\\\\\`\\*\\_\\[\\]\\#\\~'],
    ['all that HTML acts on', '<a> & b', '&lt;a&gt; &amp; b'],
    ['a pipe', 'a|b', 'a&#124;b'],
    ['mathematics', 'a $x$', 'a <span>$</span>x<span>$</span>'],
    ['mentions', 'a@b @c @', `a@${z}b @${z}c @`],
    ['issues', 'a#1 #x !2 !x', `a\\#${z}1 \\#x !${z}2 !x`],
    ['issues by their prefix', 'GH-1 gh-2 GH-x', `GH-${z}1 gh-${z}2 GH-x`],
    ['addresses', 'ftp://x HTTP://y', `ftp:${z}//x HTTP:${z}//y`],
    ['hosts', 'www.x WWW.y wwwx', `www${z}.x WWW${z}.y wwwx`],
    ['mail and chat', 'mailto:x XMPP:y', `mailto${z}:x XMPP${z}:y`],
    ['code', 'a `b*` c', 'a `b*` c'],
    ['code in a row', '`a` `b`', '`a` `b`'],
    ['two backticks', '``a``', '\\`\\`a\\`\\`'],
    ['a backtick alone', 'a ` b', 'a \\` b'],
    ['what begins a list', '- a', '\\- a'],
    ['a sign alone', '+', '\\+'],
    ['what begins a rule', '---', '\\---'],
    ['a negative number', '-5 MB', '-5 MB'],
    ['a list further on', 'a - b', 'a - b'],
    ['what begins a numbered list', '12. a', '12\\. a'],
    ['a number alone', '1)', '1\\)'],
    ['a version', '1.2 a', '1.2 a'],
    ['a number further on', 'a 1. b', 'a 1. b'],
  ])('writes %s', (_, text, written) => expect(prose(text)).toBe(written))

  test.each([
    ['a mention', '@octocat', /@octocat/],
    ['an issue', 'see #12', /#12/],
    ['another issue', 'GH-12', /GH-12/],
    ['an address', 'https://evil.example', /:\/\//],
    ['a bare host', 'www.evil.example', /www\./],
  ])('leaves %s as text that GitHub does not link', (_, text, linked) => {
    expect(prose(text)).not.toMatch(linked)
    expect(withoutWidth(textOf(parse(prose(text))))).toBe(text)
  })

  test('keeps code between single backticks as code', () => {
    const tree = nodes(parse(prose('added by `RUN apk add *` at line 14')))
    expect(tree.find(({ type }) => type === 'inlineCode')).toMatchObject({ value: 'RUN apk add *' })
  })

  test('is always one paragraph of text, for any input', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const tree = parse(`- ${prose(text)} end`)
        const item = nodes(tree).find(({ type }) => type === 'listItem')
        const inner = item && 'children' in item ? item.children.flatMap((child) => nodes(child as never)) : []
        const found = inner.map(({ type }) => type).filter((type) => active.includes(type) && type !== 'html')
        expect(found).toEqual([])
        expect(tree.children).toHaveLength(1)
        // The only HTML is our own, around a dollar sign.
        const raw = inner.flatMap((node) => (node.type === 'html' ? [node.value] : []))
        expect(raw.filter((value) => value !== '<span>' && value !== '</span>')).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('shows the text that went in, but for white space and what cannot be seen', () => {
    fc.assert(
      fc.property(
        hostile.filter((text) => !text.includes('`') && shown(text) !== ''),
        (text) => {
          expect(withoutWidth(textOf(parse(`x ${prose(text)} x`)))).toBe(withoutWidth(`x ${shown(text)} x`))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('code', () => {
  test.each([
    ['a', '`a`'],
    ['', '` `'],
    [' ', '` `'],
    ['a  b\nc', '`a b c`'],
    ['a`b', '``a`b``'],
    ['a``b`c', '```a``b`c```'],
    ['`a', '`` `a ``'],
    ['a`', '`` a` ``'],
  ])('%j is %s', (text, written) => expect(code(text)).toBe(written))

  test('shows exactly the text, on one line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const [span, ...rest] = nodes(parse(`x ${code(text)} x`)).filter(({ type }) => type === 'inlineCode')
        expect(rest).toEqual([])
        expect(span).toMatchObject({ value: shown(text) || ' ' })
      }),
      { numRuns: 300 },
    )
  })
})

describe('table', () => {
  test('aligns its columns, and a cell is one line', () => {
    const columns = ['A', { title: 'B', right: false }, right('C'), 'D']
    expect(table(columns, [['a\nb', 'c \n d', 'e\u00a0f', 'g  h']])).toBe(
      ['| A | B | C | D |', '| :-- | :-- | --: | :-- |', '| a b | c d | e\u00a0f | g  h |'].join('\n'),
    )
  })

  test.each([
    ['a|b', 'a\\|b'],
    ['a\\b', 'a\\b'],
    ['a\\|b', 'a⧵\\|b'],
    ['a\\\\|b', 'a⧵⧵\\|b'],
    ['||', '\\|\\|'],
  ])('writes %s as %s', (cell, written) => expect(table(['A'], [[cell]])).toBe(`| A |\n| :-- |\n| ${written} |`))

  test('stays well formed with any cells', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile, hostile), { minLength: 1, maxLength: 4 }), (rows) => {
        const made = table(
          ['A', right('B'), 'C'],
          rows.map(([a, b, c]) => [code(a), prose(b), `**x** ${code(c)}`]),
        )
        const tree = parse(`${made}\n\nafter`)
        expect(tree.children.map(({ type }) => type)).toEqual(['table', 'paragraph'])
        const [read] = tablesOf(made)
        expect(read).toHaveLength(rows.length + 1)
        for (const row of read ?? []) expect(row).toHaveLength(3)
        const found = nodes(tree).filter((node) => ['link', 'image', 'footnoteReference'].includes(node.type))
        expect(found).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('shows pipes in code as they are', () => {
    expect(tablesOf(table(['A'], [[code('a|b||c')]]))[0]?.[1]).toEqual(['a|b||c'])
  })

  test('shows a backslash before a pipe by its look-alike, since parsers read the pair in two ways', () => {
    expect(tablesOf(table(['A', 'B'], [[code('a\\|b'), 'x']]))[0]?.[1]).toEqual(['a⧵|b', 'x'])
  })

  test('fills cells that are missing and drops those too many', () => {
    expect(tablesOf(table(['A', 'B'], [['1'], ['1', '2', '3']]))).toEqual([
      [
        ['A', 'B'],
        ['1', ''],
        ['1', '2'],
      ],
    ])
  })
})

describe('fence', () => {
  test('has a language, and more backticks than what is inside', () => {
    expect(fence(['a', 'b\nc'])).toBe('```text\na\nb\nc\n```')
    expect(fence(['``'])).toBe('```text\n``\n```')
    expect(fence(['a ``` b', '`'])).toBe('````text\na ``` b\n`\n````')
  })

  test('leaves a line as long as it may be, and half of no character', () => {
    const most = 'x'.repeat(400)
    expect(fence([most])).toBe(`\`\`\`text\n${most}\n\`\`\``)
    expect(fence([`${most.slice(1)}😀6`])).toBe(`\`\`\`text\n${most.slice(1)}� …\n\`\`\``)
  })

  test('holds any text without being ended by it', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (lines) => {
        const tree = parse(`${fence(lines)}\n\nafter`)
        expect(tree.children.map(({ type }) => type)).toEqual(['code', 'paragraph'])
      }),
      { numRuns: 300 },
    )
  })

  test('takes colours away and names what turns text around', () => {
    expect(fence(['\u001b[31mred\u001b[0m', 'a\u202eb'])).toBe('```text\nred\na‹U+202E›b\n```')
  })

  test('cuts lines that are too long for eyes', () => {
    expect(fence(['x'.repeat(500)])).toBe(`\`\`\`text\n${'x'.repeat(400)} …\n\`\`\``)
  })
})

describe('html', () => {
  test.each([
    [' a\n b ', 'a b'],
    ['<a href="x"> & b', '&lt;a href=&quot;x&quot;&gt; &amp; b'],
    ['@a #1 *b*', '@\u200ba #\u200b1 *b*'],
  ])('%j is %s', (text, written) => expect(html(text)).toBe(written))

  test('folds away', () => {
    expect(folded('a', 'b')).toBe('<details><summary>a</summary>\n\nb\n\n</details>')
  })

  test('has an empty line between blocks', () => {
    expect(blocks('a', '', undefined, 'b')).toBe('a\n\nb')
  })

  test('is text inside <summary>, for any input', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const made = html(text)
        expect(made).not.toMatch(/[<>"\n]|&(?!amp;|lt;|gt;|quot;)/)
        const tree = parse(blocks(folded(made, 'inside'), 'after'))
        expect(tree.children.map(({ type }) => type)).toEqual(['html', 'paragraph', 'html', 'paragraph'])
      }),
      { numRuns: 300 },
    )
  })
})

describe('link', () => {
  test('links addresses of the web only', () => {
    expect(link('run', 'https://github.com/a/b/actions/runs/1')).toBe('[run](https://github.com/a/b/actions/runs/1)')
    expect(link('run', 'javascript:alert(1)')).toBe('run')
  })

  test.each([
    ['http://a.example', '[run](http://a.example)'],
    ['xhttp://a.example', 'run'],
    ['//a.example', 'run'],
    ['https://a.example/ <>()[]\\`|"\'b', '[run](https://a.example/%20%3C%3E%28%29%5B%5D%5C%60%7C%22%27b)'],
  ])('to %s is %s', (address, written) => expect(link('run', address)).toBe(written))

  test('cannot be left by the address', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const found = nodes(parse(link('run', `https://a.example/${text}`))).filter(({ type }) => type === 'link')
        expect(found).toHaveLength(1)
      }),
    )
  })
})
