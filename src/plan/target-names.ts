import { join } from 'node:path'
import { sha256Hex } from '../core/sha256.ts'
import type { Target } from './plan.ts'

type Named = Pick<Target, 'addon' | 'architecture'>

const digest = (text: string): string => sha256Hex(text).slice(0, 12)

/** A slug as part of a path or file name. Only short and simple ones stay unchanged, so that the name is never `..` and stays in its folder. */
export const pathPart = (slug: string): string =>
  slug.length <= 64 && /^\w[\w-]*(\.[\w-]+)*$/.test(slug)
    ? slug
    : `${slug.replaceAll(/[^\w-]+/g, '-').slice(0, 40)}-${digest(slug)}`

/** A slug as part of an image name. Source of the pattern: github.com/distribution/reference, path-component. */
export function imagePart(slug: string): string {
  const name = slug.toLowerCase()
  if (name.length <= 64 && /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/.test(name)) return name
  const plain = name
    .slice(0, 40)
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return [...(plain === '' ? [] : [plain]), digest(name)].join('-')
}

/** Folder of a run for the results of building a target. */
export const targetFolder = (temporary: string, { addon, architecture }: Named): string =>
  join(temporary, 'targets', pathPart(addon), architecture)
