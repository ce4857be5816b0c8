import { error, Failure } from '../core/diagnostics.ts'

/** Codes of problems with an image that is read. Each is an anchor in docs/errors.md. */
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
  'image/unreadable': 'Check that the file, folder or registry exists and can be read.',
  'image/digest-mismatch': 'The image was damaged or tampered with. Build or push it again.',
  'image/no-platform': 'Build the image for this platform, or remove the architecture.',
  'image/not-an-image': 'Name a container image, not another kind of artifact.',
  'image/unsupported-layer': 'Use layers that are uncompressed, or compressed with gzip or zstd.',
  'image/broken-layer': 'The layer is not a valid tar archive. Build the image again.',
  'image/truncated': 'The layer ends too early. Build or push the image again.',
  'image/unsafe-path': 'No container engine would unpack this layer safely. Check where the image comes from.',
  'image/limit': 'Images of add-ons stay far below this limit. Check where the image comes from.',
}

/** A Failure for a problem with an image. Pass texts from the image through `quoted`: they are not trusted. */
export const imageFailure = (code: ImageProblem, message: string, cause?: unknown): Failure =>
  new Failure('environment', [error(code, message, remedies[code])], cause)
