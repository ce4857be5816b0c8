import { belongsToTools, isDevelopment } from '../../image/build-tools.ts'
import { layerLocation, listNames, ownPackages, type Rule, totalBytes } from '../rule.ts'

export const devPackages: Rule = {
  id: 'image/dev-packages',
  severity: 'warning',
  reason: 'Headers, static libraries and debug symbols are used for compiling, not at run time.',
  source: 'Docker, building best practices: do not install unnecessary packages',
  link: 'https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages',
  check(input) {
    const packages = ownPackages(input).filter(({ name }) => isDevelopment(name) && !belongsToTools(name))
    if (packages.length === 0) return []
    const layer = Math.min(...packages.map((one) => one.layer ?? 0))
    return [
      {
        message: `Development packages are left in the image: ${listNames(packages.map(({ name }) => name).sort())}.`,
        fix: 'Install them in the stage that compiles. The last stage needs at most the library without "-dev".',
        bytes: totalBytes(packages),
        ...layerLocation(input, layer),
      },
    ]
  },
}
