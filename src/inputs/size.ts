import { isWrong, type Parsed, parsed, quoted, wrong } from '../core/parsed.ts'

const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/**
 * Bytes: `120MB` is 120,000,000, `120MiB` is 125,829,120, `1.5GB` is 1,500,000,000; rounded to whole bytes.
 * A number without a unit is rejected, because its unit would be a guess.
 */
export function parseSize(text: string): Parsed<number> {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i.exec(text.trim())
  const unit = units[match?.[2]?.toLowerCase() ?? '']
  if (!match || unit === undefined) {
    return wrong(
      `${quoted(text)} is not a size.`,
      'Write a number and a unit: "120MB" (1 MB = 1000 kB) or "120MiB" (1 MiB = 1024 KiB).',
    )
  }
  const bytes = Math.round(Number(match[1]) * unit)
  return Number.isSafeInteger(bytes)
    ? parsed(bytes)
    : wrong(`${quoted(text)} is too large.`, 'Write less than 9000 TB.')
}

/** `5%`, `2.5%`. */
export function parsePercent(text: string): Parsed<number> {
  const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text.trim())
  const percent = Number(match?.[1])
  return match && Number.isFinite(percent)
    ? parsed(percent)
    : wrong(`${quoted(text)} is not a percentage.`, 'Write for example "5%".')
}

/** An upper limit: not zero. */
export function parseBudget(text: string): Parsed<number> {
  const size = parseSize(text)
  if (isWrong(size) || size.value > 0) return size
  return wrong('No image fits in 0 bytes.', 'Write the largest allowed size, for example "120MB".')
}
