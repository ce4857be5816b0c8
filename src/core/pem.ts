/** The text itself, not the path of a file. */
export const isPem = (text: string): boolean => text.includes('-----BEGIN ')
