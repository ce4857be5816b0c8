// Figures as the rest of the report writes them; a copy, since nothing of the page is loaded from elsewhere.

export function formatBytes(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB']
  const sign = bytes < 0 ? '−' : ''
  let value = Math.abs(bytes)
  if (value < 1000) return `${sign}${value} B`
  let unit = -1
  while ((unit < 0 || value >= 999.95) && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${sign}${value.toFixed(1)} ${units[unit]}`
}

export const signed = (bytes: number): string => (bytes === 0 ? '±0' : `${bytes > 0 ? '+' : ''}${formatBytes(bytes)}`)

export const percent = (part: number, whole: number): string =>
  whole > 0 ? `${((part / whole) * 100).toFixed(1)} %` : ''
