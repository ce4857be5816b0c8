import { oneLine } from '../../src/core/diagnostics.ts'
import { planOutputs } from '../../src/plan/outputs.ts'
import { showPlan } from '../../src/plan/show.ts'
import { events } from './events.ts'
import { attempt, codes, config, first, plain, plan } from './planning.ts'

describe('architectures', () => {
  test('are selected by the input from those of the add-on', async () => {
    const made = await plan({ inputs: { architectures: 'linux/arm64,i386' } })
    expect(made.addons[0]?.targets.map(({ id, platform }) => [id, platform])).toEqual([
      ['probe/aarch64', 'linux/arm64'],
    ])
    expect(made.diagnostics).toContainEqual(expect.objectContaining({ code: 'plan/architecture-left-out' }))
  })

  test('with --all of the retired builder are those of the add-on; a named one that is missing is reported', async () => {
    expect(await codes({ inputs: { target: '', args: '--all -t a' } })).toEqual([])
    const { diagnostics } = await attempt({ inputs: { target: '', args: '--amd64 --i386 -t a' } })
    expect(diagnostics.map(oneLine)).toContain(
      'a/config.yaml:6:1: i386 is not built: the add-on does not declare it. Add it to "arch" in config.yaml, or remove "--i386" from "args".',
    )
  })

  test('that are dropped and only in build.yaml cause a warning', async () => {
    const files = {
      'a/config.yaml': 'name: x\nslug: x\nversion: "1"\n',
      'a/build.yaml': 'build_from: {amd64: x/y, armhf: x/y}',
      'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM',
    }
    expect((await attempt({ files })).diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'config/deprecated-architecture',
        where: { file: 'a/build.yaml', line: 1, column: 1 },
      }),
    )
  })

  test('without a match are an error', async () => {
    expect(await codes({ inputs: { architectures: 'i386' } })).toEqual(['error plan/no-architecture'])
  })

  test('are amd64 and aarch64 by default', async () => {
    const made = await plan({ files: { 'a/config.yaml': 'name: x\nslug: x\nversion: "1"\n' } })
    expect(made.addons[0]?.targets.map(({ architecture }) => architecture)).toEqual(['amd64', 'aarch64'])
  })
})

describe('several add-ons', () => {
  const several = (slugs: readonly string[], more: (slug: string) => string = () => '') =>
    Object.fromEntries(
      slugs.flatMap((slug, index) => [
        [`x/${index}/config.yaml`, config(more(slug), slug)],
        [`x/${index}/Dockerfile`, plain],
        [`x/${index}/build.yaml`, 'args: {}'],
      ]),
    )

  test('have one plan, one matrix and one notice about build.yaml', async () => {
    const made = await plan({ files: several(['one', 'two']), inputs: { target: 'x' } })
    expect(made.addons.map(({ slug }) => slug)).toEqual(['one', 'two'])
    expect(made.matrix.include).toHaveLength(6)
    expect(made.diagnostics.filter(({ code }) => code === 'build-yaml/deprecated')).toMatchObject([
      { severity: 'notice', remedy: expect.stringContaining('aicleaner-build migrate') },
    ])
  })

  test('do not include one without matching architectures; if none matches, it is an error', async () => {
    const files = several(['one', 'two'])
    files['x/1/config.yaml'] = config('', 'two').replace('[amd64, aarch64, armv7]', '[aarch64]')
    const made = await plan({ files, inputs: { target: 'x', architectures: 'amd64' } })
    expect(made.addons.map(({ slug }) => slug)).toEqual(['one'])
    expect(made.diagnostics).toContainEqual(
      expect.objectContaining({ code: 'plan/no-architecture', severity: 'warning' }),
    )
    const { plan: none, diagnostics } = await attempt({ files, inputs: { target: 'x', architectures: 'i386' } })
    expect(none).toBeUndefined()
    expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual([
      'plan/no-architecture',
    ])
  })

  test('have the same versions in the jobs of the matrix as in the plan', async () => {
    const files = several(['one', 'two'])
    const made = await plan({ files, inputs: { target: 'x' }, event: events.release })
    for (const { target, architecture, version } of made.matrix.include) {
      const cell = await plan({
        files,
        inputs: { mode: 'build', target, architectures: architecture, version },
        event: events.release,
      })
      const [own] = cell.addons.flatMap(({ targets }) => targets)
      const planned = made.addons.flatMap(({ targets }) => targets).find(({ id }) => id === own?.id)
      expect(own).toEqual(planned)
    }
  })

  test('must have different slugs and names', async () => {
    expect(await codes({ files: several(['one', 'One']), inputs: { target: 'x' } })).toEqual(['error plan/same-slug'])
    expect(
      await codes({ files: several(['one', 'two'], () => 'image: ghcr.io/o/{arch}-n\n'), inputs: { target: 'x' } }),
    ).toEqual(['error plan/same-image'])
  })

  test('report the errors of each of them', async () => {
    const files = several(['one', 'two', 'three'])
    files['x/0/Dockerfile'] = 'FROM --platform=linux/386 a'
    files['x/2/Dockerfile'] = 'ARG B\nFROM $B'
    expect(await codes({ files, inputs: { target: 'x', architectures: 'amd64' } })).toEqual([
      'error plan/fixed-platform',
      'error plan/no-base',
    ])
  })
})

describe('pushing', () => {
  test('from a pull request that would move the tags of the released version is a warning', async () => {
    expect(await codes({ inputs: { push: 'true' }, event: events.pullRequest })).toEqual([
      'warning plan/pull-request-tag',
    ])
    expect(await codes({ inputs: { push: 'true', tags: 'pr-{pr}' }, event: events.pullRequest })).toEqual([])
  })

  test('no tag left is an error only for what is pushed', async () => {
    expect(await codes({ inputs: { push: 'true', tags: 'pr-{pr}' } })).toEqual(['error plan/no-tag'])
    expect(await codes({ inputs: { tags: 'pr-{pr}' } })).toEqual(['notice plan/no-tag'])
  })
})

describe('the retired builder', () => {
  const files = {
    'a/config.yaml': config('image: ghcr.io/o/{arch}-n\n'),
    'a/build.yaml': 'build_from: {amd64: a/b:1}\nargs: {V: "1.0"}\nlabels: {io.hass.name: file}',
    'a/Dockerfile': 'ARG BUILD_FROM\nFROM $BUILD_FROM',
  }

  test('has the same names, tags, labels and arguments', async () => {
    const { addon, target } = await first({
      files,
      inputs: { target: '', args: '--amd64 --armhf -t a --additional-tag edge --release 9' },
    })
    expect(target.image).toBe('ghcr.io/o/amd64-n')
    expect(target.tags).toEqual(['1.0', 'latest', 'edge'])
    expect(addon.multiArch).toBeUndefined()
    expect(Object.fromEntries(target.labels)).toMatchObject({
      'io.hass.name': 'The Probe',
      'io.hass.type': 'addon',
      'io.hass.version': '9',
      'org.opencontainers.image.version': '9',
    })
    expect(Object.fromEntries(target.buildArguments)).toMatchObject({
      BUILD_FROM: 'a/b:1',
      BUILD_VERSION: '1.0',
      BUILD_ARCH: 'amd64',
      V: '1.0',
    })
  })

  test('has -i and -d, which replace parts of the name', async () => {
    const image = async (args: string) =>
      (await first({ files, inputs: { target: '', args: `--amd64 -t a ${args}` } })).target.image
    expect(await image('-i {arch}-m')).toBe('ghcr.io/o/amd64-m')
    expect(await image('-d Other')).toBe('other/amd64-n')
    expect(await image('-d other -i m')).toBe('other/m')
  })

  test('without a base has the default base of the retired builder', async () => {
    const setting = { files: { ...files, 'a/build.yaml': 'args: {}' }, inputs: { target: '', args: '--aarch64 -t a' } }
    expect((await first(setting)).target.baseImage).toBe('ghcr.io/home-assistant/aarch64-base:latest')
  })
})

const decisions = { push: false, noCache: false, pull: false, sign: false } as const

test('the outputs are JSON without holes, and the matrix of nothing is one', async () => {
  const made = await plan()
  const outputs = planOutputs(made, decisions)
  expect(outputs.get('version')).toBe('1.0')
  expect(JSON.parse(outputs.get('matrix') ?? '')).toEqual({
    include: [
      {
        name: 'probe-amd64',
        addon: 'probe',
        target: 'a',
        architecture: 'amd64',
        platform: 'linux/amd64',
        version: '1.0',
        runner: 'ubuntu-24.04',
      },
      {
        name: 'probe-aarch64',
        addon: 'probe',
        target: 'a',
        architecture: 'aarch64',
        platform: 'linux/arm64',
        version: '1.0',
        runner: 'ubuntu-24.04-arm',
      },
      {
        name: 'probe-armv7',
        addon: 'probe',
        target: 'a',
        architecture: 'armv7',
        platform: 'linux/arm/v7',
        version: '1.0',
        runner: 'ubuntu-24.04-arm',
      },
    ],
  })
  // The user name in an image's name may be a secret, and a runner drops a job output that contains one.
  expect(outputs.get('matrix')).not.toContain('owner')
  const { addons } = JSON.parse(outputs.get('plan') ?? '')
  expect(addons[0].targets[0].labels['io.hass.name']).toBe('The Probe')
  expect(addons[0].multiArch.annotations['org.opencontainers.image.title']).toBe('The Probe')
  expect(planOutputs({ addons: [], matrix: { include: [] }, diagnostics: [] }, decisions).get('matrix')).toBe(
    '{"include":[]}',
  )
  expect(showPlan(made).join('\n')).toContain('aarch64 (linux/arm64) ghcr.io/owner/aarch64-probe: 1.0')
})

test('the same add-ons, inputs and event give the same plan', async () => {
  expect(planOutputs(await plan(), decisions)).toEqual(planOutputs(await plan(), decisions))
})
