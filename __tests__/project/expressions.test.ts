import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseSync } from '@swc/core'
import { type CharSet, JS, NFA } from 'refa'
import { analyse } from 'scslre'

/** Expressions that may take steps that grow with the square of the text, each with what keeps the text short. Never an exponential one. */
const bounded: Readonly<Record<string, string>> = {
  'pipeline/check-paths.ts /[:@][^/]*$/': 'an input of the workflow’s owner',
  'registry/credentials.ts /\\/.*$/': 'the name of a registry',
  'report/markdown/changes.ts /\\d+(?:\\.\\d+)? (?:B|kB|MB|GB|TB)/g':
    'a sentence of at most 400 characters that this program wrote',
}

interface Expression {
  readonly where: string
  readonly file: string
  readonly source: string
  readonly flags: string
}

type Node = { readonly type?: string; readonly span?: { readonly start: number } } & Readonly<Record<string, unknown>>

/** Every node of a tree. */
function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodes(one)
  else if (value !== null && typeof value === 'object') {
    yield value as Node
    for (const one of Object.values(value)) yield* nodes(one)
  }
}

/** The text that an expression of the syntax tree comes to, from constants of the same file; undefined where that is not known. */
function textOf(node: Node | undefined, constants: ReadonlyMap<string, Node>): string | undefined {
  if (node?.type === 'StringLiteral') return node.value as string
  if (node?.type === 'Identifier') return textOf(constants.get(node.value as string), constants)
  if (node?.type === 'TaggedTemplateExpression') return textOf(node.template as Node, constants)
  if (node?.type !== 'TemplateLiteral') return undefined
  const parts = (node.expressions as Node[]).map((one) => textOf(one, constants))
  if (parts.includes(undefined)) return undefined
  const quasis = node.quasis as readonly { readonly raw: string }[]
  return quasis.map(({ raw }, index) => raw + (parts[index] ?? '')).join('')
}

/** All expressions of a source file; `unknown` where one is made from what this test cannot see. */
function expressionsOf(file: string, text: string): { readonly known: Expression[]; readonly unknown: string[] } {
  const tree = parseSync(text, { syntax: 'typescript', target: 'esnext' }) as unknown as Node
  const bytes = Buffer.from(text)
  // The offsets of this parser begin with 1, and go on from file to file where they are parsed in one process.
  const first =
    (tree.span?.start ?? 1) -
    (bytes.length - Buffer.byteLength(text.replace(/^(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)+/, '')))
  const lineOf = ({ span }: Node): number =>
    bytes
      .subarray(0, (span?.start ?? first) - first)
      .toString()
      .split('\n').length
  const constants = new Map<string, Node>()
  const known: Expression[] = []
  const unknown: string[] = []
  const all = [...nodes(tree)]
  for (const node of all) {
    const id = node.id as Node | undefined
    if (node.type === 'VariableDeclarator' && id?.type === 'Identifier')
      constants.set(id.value as string, node.init as Node)
  }
  for (const node of all) {
    const where = `src/${file}:${lineOf(node)}`
    if (node.type === 'RegExpLiteral') {
      known.push({ where, file, source: node.pattern as string, flags: node.flags as string })
      continue
    }
    const callee = node.callee as Node | undefined
    const given = (node.arguments as readonly { readonly expression: Node }[] | undefined) ?? []
    const isMade = ['NewExpression', 'CallExpression'].includes(node.type ?? '') && callee?.value === 'RegExp'
    // A text that these are given becomes an expression.
    const method = callee?.type === 'MemberExpression' ? (callee.property as Node).value : undefined
    const isSearch =
      ['match', 'matchAll', 'search'].includes(method as string) && /Literal$/.test(given[0]?.expression.type ?? '')
    if (!isMade && !(isSearch && given[0]?.expression.type !== 'RegExpLiteral')) continue
    const source = textOf(given[0]?.expression, constants)
    const flags = given[1] ? textOf(given[1].expression, constants) : ''
    if (source === undefined || flags === undefined) unknown.push(where)
    else known.push({ where, file, source, flags })
  }
  return { known, unknown }
}

/** How the steps of an expression grow with the text, at worst. */
function costOf(source: string, flags: string): 'linear' | 'polynomial' | 'exponential' {
  const { reports } = analyse({ source, flags })
  if (reports.some(({ exponential }) => exponential) || isAmbiguousInLoop(source, flags)) return 'exponential'
  return reports.length > 0 ? 'polynomial' : 'linear'
}

interface State {
  readonly out: ReadonlyMap<State, CharSet>
}

/**
 * Whether some text leads from a state back to it in two ways, so that each repetition doubles the ways: `(?:a|aa)+`. The other checker
 * misses some of these. Source: Weber and Seidl, On the degree of ambiguity of finite automata, 1991, criterion EDA.
 */
function isAmbiguousInLoop(source: string, flags: string): boolean {
  const { expression, maxCharacter } = JS.Parser.fromLiteral({ source, flags }).parse({
    assertions: 'ignore',
    backreferences: 'disable',
  })
  const automaton = NFA.fromRegex(expression, { maxCharacter }, { assertions: 'disable' })
  const states: State[] = [...automaton.nodes()]
  const ids = new Map(states.map((state, index) => [state, index]))
  const pairOf = (a: State, b: State): number => (ids.get(a) ?? 0) * states.length + (ids.get(b) ?? 0)
  /** The pairs of states that one text leads to from a pair, both within the states given. */
  const reach = (from: readonly [State, State], within: ReadonlySet<State>): Map<number, readonly [State, State]> => {
    const reached = new Map<number, readonly [State, State]>()
    const left = [from]
    for (let next = left.pop(); next; next = left.pop()) {
      for (const [a, byA] of next[0].out) {
        if (!within.has(a)) continue
        for (const [b, byB] of next[1].out) {
          if (!within.has(b) || reached.has(pairOf(a, b)) || byA.isDisjointWith(byB)) continue
          reached.set(pairOf(a, b), [a, b])
          left.push([a, b])
        }
      }
    }
    return reached
  }
  return loopsOf(states).some((loop) =>
    [...loop].some((state) =>
      [...reach([state, state], loop).values()].some(
        ([a, b]) => a !== b && reach([a, b], loop).has(pairOf(state, state)),
      ),
    ),
  )
}

/** The sets of states that lead to one another. */
function loopsOf(states: readonly State[]): readonly ReadonlySet<State>[] {
  const after = new Map<State, Set<State>>()
  for (const state of states) {
    const reached = new Set<State>()
    const left = [state]
    for (let next = left.pop(); next; next = left.pop()) {
      for (const one of next.out.keys()) {
        if (reached.has(one)) continue
        reached.add(one)
        left.push(one)
      }
    }
    after.set(state, reached)
  }
  const done = new Set<State>()
  return states.flatMap((state) => {
    if (done.has(state) || !after.get(state)?.has(state)) return []
    const loop = new Set(states.filter((other) => after.get(state)?.has(other) && after.get(other)?.has(state)))
    for (const one of loop) done.add(one)
    return [loop]
  })
}

const root = resolve('src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
const found = files.map((file) => expressionsOf(file, readFileSync(join(root, file), 'utf8')))
const known = found.flatMap((one) => one.known)

test('finds the expressions of the sources, with file and line', () => {
  const { known, unknown } = expressionsOf(
    'x.ts',
    `// first\nconst part = 'a+'\nexport const a = /x+$/g\nnew RegExp(\`^\${part}$\`, 'i')\n\nRegExp(given)\n'x'.match('(a)')\n'y'.search(/z/)\n`,
  )
  expect(known.map(({ where, source, flags }) => `${where} ${source} ${flags}`)).toEqual([
    'src/x.ts:3 x+$ g',
    'src/x.ts:4 ^a+$ i',
    'src/x.ts:7 (a) ',
    'src/x.ts:8 z ',
  ])
  expect(unknown).toEqual(['src/x.ts:6'])
  expect(files.length).toBeGreaterThan(200)
  expect(known.length + unknown.length).toBe(5)
})

test.each([
  ['^(a+)+$', 'exponential'],
  ['(a|a)*b', 'polynomial'],
  ['^(\\w+\\s?)*$', 'exponential'],
  ['^(?:a|aa)+$', 'exponential'],
  ['\\s+$', 'polynomial'],
  ['^\\s*(.+?)\\s*$', 'polynomial'],
  ['=.*$', 'polynomial'],
  ['^(?:a|ab|b)*$', 'exponential'],
  ['^(?:a?b?a)*$', 'exponential'],
  ['^a+$', 'linear'],
  ['^[a-z]+(?:-[a-z]+)*$', 'linear'],
])('the checker says that %s is %s', (source, cost) => {
  expect(costOf(source, '')).toBe(cost)
})

test('no expression takes steps that grow faster than the text, but for those that are listed with what keeps the text short', () => {
  const slow = known.flatMap(({ where, file, source, flags }) => {
    const cost = costOf(source, flags)
    const isListed = cost === 'polynomial' && Object.hasOwn(bounded, `${file} /${source}/${flags}`)
    return cost === 'linear' || isListed ? [] : [`${where}: /${source}/${flags} is ${cost}`]
  })
  expect(slow).toEqual([])
})

test('no entry of the list is left over', () => {
  const used = new Set(known.map(({ file, source, flags }) => `${file} /${source}/${flags}`))
  expect(Object.keys(bounded).filter((one) => !used.has(one))).toEqual([])
})

test('no expression is made from foreign text', () => {
  expect(found.flatMap(({ unknown }) => unknown)).toEqual([])
})

test('the patterns of the schema of reports are linear', () => {
  const patterns = [...nodes(JSON.parse(readFileSync('docs/report.schema.json', 'utf8')))].flatMap(({ pattern }) =>
    typeof pattern === 'string' ? [pattern] : [],
  )
  expect(patterns.length).toBeGreaterThan(0)
  expect(patterns.filter((pattern) => costOf(pattern, 'u') !== 'linear')).toEqual([])
})
