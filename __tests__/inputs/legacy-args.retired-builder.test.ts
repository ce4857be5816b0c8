import { parse } from 'yaml'
import { readAddons } from '../../src/addon/read.ts'
import { type Architecture, architectures, isArchitecture } from '../../src/core/architecture.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import { corpusAddons, filesOf, optionsOf, pushToMain } from '../addon/corpus.ts'

interface Call {
  readonly image: string
  readonly tags: readonly string[]
  readonly args: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

type Plain = Readonly<Record<string, unknown>>

/** What `home-assistant/builder --addon` did, by its script (2026.03.2, run_build and build_addon), written anew. */
function retiredBuilder(config: Plain, build: Plain, architecture: Architecture): Call {
  // A shell cuts the line ends off at the end of what a command said.
  const text = (value: unknown): string =>
    value === undefined || value === null ? '' : String(value).replace(/\n+$/, '')
  const bases = (build.build_from ?? {}) as Readonly<Record<string, string>>
  const raw = text(config.image)
  const version = text(config.version)
  return {
    image: `${raw.slice(0, raw.lastIndexOf('/'))}/${raw.slice(raw.lastIndexOf('/') + 1).replaceAll('{arch}', architecture)}`,
    tags: [version, 'latest'],
    args: {
      ...(architecture === 'armhf' && { QEMU_CPU: 'arm1176' }),
      BUILD_FROM: bases[architecture] ?? `ghcr.io/home-assistant/${architecture}-base:latest`,
      BUILD_VERSION: version,
      BUILD_ARCH: architecture,
      ...Object.fromEntries(Object.entries((build.args ?? {}) as Plain).map(([name, value]) => [name, text(value)])),
    },
    labels: {
      ...Object.fromEntries(Object.entries((build.labels ?? {}) as Plain).map(([name, value]) => [name, text(value)])),
      'io.hass.name': text(config.name).replaceAll("'", ''),
      'io.hass.description': text(config.description).replaceAll("'", ''),
      'io.hass.type': 'addon',
      ...(text(config.url) !== '' && { 'io.hass.url': text(config.url) }),
      'io.hass.arch': architecture,
      'io.hass.version': version,
      'org.opencontainers.image.version': version,
    },
  }
}

/** Texts of numbers as they stand in the file, which is what yq kept of them. */
const read = (bytes: Uint8Array | undefined): Plain =>
  (parse(
    Buffer.from(bytes ?? '')
      .toString('utf8')
      .replace(/^\uFEFF/, ''),
    { schema: 'failsafe', uniqueKeys: false },
  ) ?? {}) as Plain

test('its command line plans the images, tags, labels and arguments that it made, for every add-on of the corpus', async () => {
  let compared = 0
  for (const [folder, files] of corpusAddons()) {
    const options = await optionsOf({ args: `--all --target "/data/${folder}"` })
    const { addons } = await readAddons(options, filesOf(folder, files))
    if (addons.length === 0) continue
    const { plan } = makePlan(addons, options, pushToMain)
    const file = (stem: string) => files.get(`${stem}.yaml`) ?? files.get(`${stem}.yml`) ?? files.get(`${stem}.json`)
    const config = read(file('config'))
    // Without a name in config it pushed to "/", and what it did for bases of all architectures as one text was to fail.
    if (!plan || typeof config.image !== 'string' || config.image === '') continue
    const build = read(file('build'))
    if (typeof build.build_from === 'string') continue
    // It did not know these for what they mean, and built on its default base instead.
    if (Object.keys((build.build_from ?? {}) as Plain).some((key) => !isArchitecture(key))) continue
    for (const target of plan.addons[0]?.targets ?? []) {
      const expected = retiredBuilder(config, build, target.architecture)
      const labels = Object.fromEntries(target.labels)
      compared += 1
      const list = plan.addons[0]?.multiArch
      // One name for several architectures: it pushed one over the other, and here it is one image for all.
      expect(list === undefined).toBe(config.image.includes('{arch}') || plan.addons[0]?.targets.length === 1)
      expect({ folder, image: target.image, tags: list?.tags ?? target.tags }).toEqual({
        folder,
        image: expected.image.toLowerCase(),
        tags: expected.tags,
      })
      expect({ folder, ...Object.fromEntries(target.buildArguments) }).toMatchObject(expected.args)
      for (const [name, value] of Object.entries(expected.labels)) {
        // It cut quotes out, and published placeholders as they stood.
        const ours = (labels[name] ?? '').replaceAll("'", name.startsWith('io.hass.') ? '' : "'")
        expect([folder, name, ours]).toEqual([
          folder,
          name,
          value.replaceAll('{arch}', target.architecture).replaceAll('{version}', String(config.version)),
        ])
      }
    }
    expect(plan.addons[0]?.targets.map(({ architecture }) => architecture)).toEqual(
      architectures.filter(
        (one) =>
          (config.arch as readonly string[] | undefined)?.includes(one) ??
          plan.addons[0]?.targets.some((target) => target.architecture === one),
      ),
    )
  }
  expect(compared).toBeGreaterThan(250)
})

test("AICleaner's workflow makes what it made", async () => {
  const folder = 'sporebattyl__aicleaner_v3/aicleaner_v3/aicleaner_v3'
  const files = corpusAddons().get(folder) ?? new Map()
  const options = await optionsOf({ args: `--target ./${folder} \\\n--all\n` })
  const { addons } = await readAddons(options, filesOf(folder, files))
  const { plan } = makePlan(addons, options, pushToMain)
  expect(plan?.addons[0]?.targets.map(({ image, tags, baseImage }) => `${image}:${tags} ${baseImage}`)).toEqual(
    ['amd64', 'aarch64', 'armv7', 'armhf'].map(
      (one) => `ghcr.io/sporebattyl/aicleaner_v3/${one}:1.1.0,latest ghcr.io/home-assistant/${one}-base:3.19`,
    ),
  )
})
