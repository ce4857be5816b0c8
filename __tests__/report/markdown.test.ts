import fc from 'fast-check'
import { blocks, code, fence, folded, html, link, prose, table, visible } from '../../src/report/markdown.ts'
import { anyText } from '../any-text.ts'
import { nodes, parse, tablesOf, textOf } from './parse.ts'

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

describe('prose', () => {
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

  test('is always one paragraph of text, whatever goes in', () => {
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
  test('stays well formed whatever its cells say', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile, hostile), { minLength: 1, maxLength: 4 }), (rows) => {
        const made = table(
          [{ title: 'A' }, { title: 'B', align: 'right' }, { title: 'C' }],
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
    expect(tablesOf(table([{ title: 'A' }], [[code('a|b||c')]]))[0]?.[1]).toEqual(['a|b||c'])
  })

  test('shows a backslash before a pipe by its look-alike, since parsers read the pair in two ways', () => {
    expect(tablesOf(table([{ title: 'A' }, { title: 'B' }], [[code('a\\|b'), 'x']]))[0]?.[1]).toEqual(['a⧵|b', 'x'])
  })

  test('fills cells that are missing and drops those too many', () => {
    expect(tablesOf(table([{ title: 'A' }, { title: 'B' }], [['1'], ['1', '2', '3']]))).toEqual([
      [
        ['A', 'B'],
        ['1', ''],
        ['1', '2'],
      ],
    ])
  })
})

describe('fence', () => {
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
  test('is text inside <summary>, whatever goes in', () => {
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

  test('cannot be left by the address', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const found = nodes(parse(link('run', `https://a.example/${text}`))).filter(({ type }) => type === 'link')
        expect(found).toHaveLength(1)
      }),
    )
  })
})
