import { entityOf, visible } from '../markdown/markdown.ts'

/** Text for HTML, in elements and in quoted attributes. What cannot be seen is named. */
export const escaped = (text: string): string => visible(text).replace(/[&<>"']/g, entityOf)

/** JSON inside `<script>`: nothing in it can end the element or begin a comment. */
export const jsonInHtml = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** A link that leaves nothing behind; text alone for anything but the web. `label` is HTML. */
export const anchor = (label: string, address: string): string =>
  /^https?:\/\//.test(address) ? `<a href="${escaped(address)}" rel="noopener noreferrer">${label}</a>` : label

/** A sentence of this program as HTML: text between backticks is code. */
export const sentence = (text: string): string =>
  text
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? `<code>${escaped(part)}</code>` : escaped(part)))
    .join('')
