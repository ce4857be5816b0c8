import { belongsToTools, isDevelopment } from '../../image/build-tools.ts'
import { placeOfLayer, type Rule, some, sumOf } from '../rule.ts'

export const devPackages: Rule = {
  id: 'image/dev-packages',
  severity: 'warning',
  reason: 'Headers, static libraries and debugging data are for compiling; nothing that runs reads them.',
  source: 'Docker, building best practices: do not install unnecessary packages',
  link: 'https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages',
  check(subject) {
    const { image } = subject
    if (!image) return []
    const found = (image.measure.contents?.packages ?? []).filter(
      ({ manager, name, layer = 0 }) =>
        (manager === 'apk' || manager === 'dpkg') &&
        layer >= image.firstOwn &&
        isDevelopment(name) &&
        !belongsToTools(name),
    )
    if (found.length === 0) return []
    const layer = Math.min(...found.map((one) => one.layer ?? 0))
    return [
      {
        message: `Development packages are left in the image: ${some(found.map(({ name }) => name).sort())}.`,
        fix: 'Install them in the stage that compiles; the last stage needs the library without "-dev" at most.',
        bytes: sumOf(found),
        ...placeOfLayer(subject, layer),
      },
    ]
  },
}
