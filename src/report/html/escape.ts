import { entityOf, visible } from '../markdown/markdown.ts'

/** Escapes text for HTML elements and quoted attributes. Invisible characters are replaced by their names. */
export const escaped = (text: string): string => visible(text).replace(/[&<>"']/g, entityOf)

/** JSON inside `<script>`: nothing in it can end the element or begin a comment. */
export const jsonInHtml = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** A link that passes no referrer on; only the label if the address is not http(s). `label` is HTML. */
export const anchor = (label: string, address: string): string =>
  /^https?:\/\//.test(address) ? `<a href="${escaped(address)}" rel="noopener noreferrer">${label}</a>` : label

/** A sentence of this program as HTML: text between backticks is code. */
export const sentence = (text: string): string =>
  text
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? `<code>${escaped(part)}</code>` : escaped(part)))
    .join('')
