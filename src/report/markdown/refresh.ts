import { count } from '../../core/text.ts'
import {
  outdatedAddons,
  type RefreshedAddon,
  refreshHeadline,
  shortDigest,
  unknownImages,
  versionChange,
} from '../refresh.ts'
import { blocks, code, prose, table } from './markdown.ts'

/** Maximum rows and maximum reasons. GitHub accepts 1 MiB of summary for each step, and names have up to 500 characters. */
const most = 300

/** The job summary of `mode: refresh`. */
export function renderRefresh(addons: readonly RefreshedAddon[]): string {
  const rows = outdatedAddons(addons).flatMap(({ addon, images, ...versions }) =>
    images.map(({ architecture, state: { base, was, now } }) => [
      code(addon),
      prose(versionChange(versions)),
      code(architecture),
      code(base),
      `${was === undefined ? 'not recorded' : code(shortDigest(was))} → ${code(shortDigest(now))}`,
    ]),
  )
  const unknown = unknownImages(addons).map(
    ({ addon, architecture, reason }) => `- ${code(addon)} ${code(architecture)}: ${prose(reason)}`,
  )
  return blocks(
    `### Base images: ${prose(refreshHeadline(addons))}`,
    rows.length === 0
      ? undefined
      : table(['add-on', 'version', 'architecture', 'base image', 'digest'], rows.slice(0, most)),
    leftOut(rows.length, 'image'),
    unknown.length === 0 ? undefined : blocks('Not known:', unknown.slice(0, most).join('\n')),
    leftOut(unknown.length, 'image'),
  )
}

const leftOut = (all: number, what: string): string | undefined =>
  all > most ? `And ${count(all - most, `more ${what}`)}.` : undefined
