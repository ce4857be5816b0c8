// The lines below the treemap: what areas and colors mean.
import type { HtmlImage } from '../data.ts'
import type { Mode } from './mode.ts'

const mostKeys = 12

/** The golden angle: layers that follow each other get very different hues. */
export const hueOf = (layer: number): number => (layer * 137.5 + 210) % 360

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

/** `line 14: RUN apk add python3`; some layers have no instruction. */
export const layerText = (place: string, command: string): string =>
  command ? `${place}: ${shortened(command)}` : place

interface Shown {
  readonly image: HtmlImage
  readonly mode: Mode
  /** Whether the page shows the bytes that later layers hide. */
  readonly waste: boolean
}

export function legendOf({ image, mode, waste }: Shown, comparable: boolean): string {
  const area = waste
    ? 'Area: bytes that are pulled and stored, but hidden by later layers.'
    : mode === 'change'
      ? 'Area: bytes on disk, before or after, whichever is larger.'
      : 'Area: bytes on disk.'
  if (comparable) return area
  return `${area} ${image.before ? 'Only the manifest of the previous image was read, so its files are not known.' : 'There is no previous image to compare with.'}`
}

/** What the colors mean, one line for each. */
export function keyOf({ image, mode, waste }: Shown): HTMLElement[] {
  if (mode === 'change') return [entry('grew', 'grew'), entry('shrank', 'shrank'), entry('same', 'did not change')]
  const verb = waste ? 'hidden by' : 'added by'
  return image.after.layers
    .map(([, command, , onDisk, place], layer) => ({ command, onDisk, place, layer }))
    .filter(({ onDisk }) => onDisk !== 0)
    .slice(0, mostKeys)
    .map(({ command, place, layer }) => entry('layered', `${verb} ${layerText(place, command)}`, hueOf(layer)))
}

function entry(kind: string, text: string, hue?: number): HTMLElement {
  const line = document.createElement('li')
  const chip = document.createElement('span')
  chip.className = `chip ${kind}`
  if (hue !== undefined) chip.style.setProperty('--hue', String(hue))
  line.append(chip, text)
  return line
}
