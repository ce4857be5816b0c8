import { readAddons } from '../../src/addon/read.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { optionsOf, pushToMain } from '../addon/corpus.ts'
import { memoryFiles } from '../fakes/memory-files.ts'

const config = (index: number): string => `name: Add-on ${index}
version: "1.${index}.0"
slug: addon_${index}
description: One of many
url: https://example.org/${index}
arch:
  - amd64
  - aarch64
init: false
options:
  log_level: info
  zones:
    - name: Kitchen
      every_hours: 24
schema:
  log_level: list(debug|info|warning|error)
  zones:
    - name: str
      every_hours: int(1,8760)
`
const build = `build_from:
  amd64: ghcr.io/home-assistant/amd64-base:3.23
  aarch64: ghcr.io/home-assistant/aarch64-base:3.23
labels:
  org.opencontainers.image.licenses: MIT
args:
  TEMPIO_VERSION: "2024.11.2"
`
const dockerfile =
  'ARG BUILD_FROM\nFROM $BUILD_FROM\nARG TEMPIO_VERSION BUILD_ARCH\nRUN echo "$TEMPIO_VERSION"\nCOPY rootfs /\n'

/** Milliseconds to find, read and plan a repository with many add-ons. The aim is less than 2,000 for 500. */
export async function benchPlan(addons = 500): Promise<{ readonly milliseconds: number; readonly jobs: number }> {
  const files = new Map<string, string>()
  for (let index = 0; index < addons; index += 1) {
    files.set(`group_${index % 10}/addon_${index}/config.yaml`, config(index))
    files.set(`group_${index % 10}/addon_${index}/build.yaml`, build)
    files.set(`group_${index % 10}/addon_${index}/Dockerfile`, dockerfile)
  }
  const options = await optionsOf({ mode: 'plan', target: '.' })
  const start = performance.now()
  const read = await readAddons(options, memoryFiles(files))
  const { plan } = makePlan(read.addons, options, pushToMain)
  const milliseconds = performance.now() - start
  if (plan?.addons.length !== addons) throw new Error(`planned ${plan?.addons.length ?? 0} of ${addons}`)
  return { milliseconds, jobs: plan.matrix.include.length }
}
