/** One line that cannot act on a terminal: line ends and other control characters as they are written in JSON. */
export const printable = (text: string): string =>
  text.replaceAll(/\p{Cc}|[\u2028\u2029]/gu, (character) => {
    const short = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` }[character]
    return short ?? String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
