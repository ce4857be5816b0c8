import { error, Failure } from '../core/diagnostics.ts'

/** What can be wrong with an image that is read. Each is an anchor in docs/errors.md. */
export type ImageProblem =
  | 'image/unreadable'
  | 'image/digest-mismatch'
  | 'image/no-platform'
  | 'image/not-an-image'
  | 'image/unsupported-layer'
  | 'image/broken-layer'
  | 'image/truncated'
  | 'image/unsafe-path'
  | 'image/limit'

const remedies: Readonly<Record<ImageProblem, string>> = {
  'image/unreadable': 'Look whether the file, folder or registry is there and can be read.',
  'image/digest-mismatch': 'The image was damaged on its way or tampered with: build or push it again.',
  'image/no-platform': 'Build the image for this platform, or leave the architecture out.',
  'image/not-an-image': 'Name a container image, not another kind of artifact.',
  'image/unsupported-layer': 'Use layers compressed with gzip or zstd, or not at all.',
  'image/broken-layer': 'The layer is no valid tar archive: build the image again.',
  'image/truncated': 'The layer ends too early: build or push the image again.',
  'image/unsafe-path': 'No container engine would unpack this layer safely: look at where the image comes from.',
  'image/limit': 'This is beyond what an add-on image can be: look at where the image comes from.',
}

/** A Failure that says what is wrong with an image. Texts from the image are cut and quoted: they are not trusted. */
export const imageFailure = (code: ImageProblem, message: string, cause?: unknown): Failure =>
  new Failure('environment', [error(code, message, remedies[code])], cause)

/** A text from an image as part of a message: one line, printable, at most 120 characters. */
export function quoted(text: string): string {
  const short = text.length > 120 ? `${text.slice(0, 117)}…` : text
  return JSON.stringify(short).replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '?')
}
