import type { Nodes, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'

/** What GitHub's flavour of Markdown makes of it. */
export const parse = (markdown: string): Root =>
  fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })

export const nodes = (tree: Nodes): readonly Nodes[] => [
  tree,
  ...('children' in tree ? tree.children.flatMap(nodes) : []),
]

/** Text as a reader sees it, without what has no width. */
export const textOf = (tree: Nodes): string => {
  if (tree.type === 'html') return ''
  if ('value' in tree) return tree.value
  return 'children' in tree ? tree.children.map(textOf).join('') : ''
}

/** Every table as rows of texts. */
export const tablesOf = (markdown: string): readonly (readonly (readonly string[])[])[] =>
  tablesIn(nodes(parse(markdown)))

export const tablesIn = (all: readonly Nodes[]): readonly (readonly (readonly string[])[])[] =>
  all.flatMap((node) => (node.type === 'table' ? [node.children.map((row) => row.children.map(textOf))] : []))
