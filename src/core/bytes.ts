/** Bytes, or why they are not known. Unknown is never zero. */
export type Size = { readonly bytes: number } | { readonly unknown: string }

const units = ['kB', 'MB', 'GB', 'TB'] as const

/** `62.1 MB`: decimal units (1 MB = 10^6 bytes), as registries and the inputs use them; whole bytes below 1 kB. */
export function formatBytes(bytes: number): string {
  const sign = bytes < 0 ? '−' : ''
  let value = Math.abs(bytes)
  if (value < 1000) return `${sign}${value} B`
  let unit = -1
  // 999,950 rounds to 1000.0 kB, which is 1.0 MB.
  while ((unit < 0 || value >= 999.95) && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${sign}${value.toFixed(1)} ${units[unit]}`
}

/** `+31.0 MB`, `−4.0 kB`, `±0`. */
export const formatDelta = (bytes: number): string =>
  bytes === 0 ? '±0' : `${bytes > 0 ? '+' : ''}${formatBytes(bytes)}`

/** `62.1 MB`, or `unknown`. */
export const formatSize = (size: Size): string => ('bytes' in size ? formatBytes(size.bytes) : 'unknown')

/** `5 %`, `2.5 %`: at most two digits after the point, without trailing zeros. */
export const formatPercent = (percent: number): string => `${Number(percent.toFixed(2))} %`
