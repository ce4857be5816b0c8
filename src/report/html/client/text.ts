// Figures in the page are written as in the rest of the report.
export { formatBytes, formatDelta as signed } from '../../../core/bytes.ts'

export const percent = (part: number, whole: number): string =>
  whole > 0 ? `${((part / whole) * 100).toFixed(1)} %` : ''
