// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import { parse } from 'yaml'
import { migrateWorkflow } from '../../../src/addon/migrate/workflow.ts'
import { buildJob, buildStep, type Changes, example, exampleWith, later, push } from './successor-example.ts'

const run = (text: string) => migrateWorkflow(text, 'w.yml', 'x/y@v1')

describe('a workflow is rewritten', () => {
  /** What is said, and the workflow after it. */
  const done = (...changes: Changes) => {
    const { text, diagnostics } = run(exampleWith(...changes))
    const { jobs } = parse(text) as { jobs: Readonly<Record<string, Record<string, unknown>>> }
    return { told: diagnostics.map(({ message }) => message), jobs, text }
  }
  const says = (removed: string, native = true) =>
    `The job "build" builds, tests and publishes all architectures${removed}.${native ? ' It runs on one machine, so other architectures are emulated.' : ''}`
  const both = says('; "init" and "manifest" are removed')
  const one = says('; "manifest" is removed')

  test.each<[string, Changes]>([
    ['whose environment has other variables', [buildJob('    env:\n      OTHER: x\n')]],
    ['whose steps mention the matrix outside of expressions', [buildStep('      - run: echo matrix.arch\n\n')]],
    [
      'whose step has a name that nothing uses',
      [['      - name: Build image\n', '      - name: Build image\n        id: image\n']],
    ],
    [
      'which prepares the machine that joins the images',
      [['      - name: Publish multi', '      - uses: docker/login-action@v3\n      - name: Publish multi']],
    ],
    [
      'with other limits in the strategy',
      [['      fail-fast: false\n', '      fail-fast: true\n      max-parallel: 2\n']],
    ],
    [
      'with spaces in its expressions',
      [
        ['fromJSON(needs.init.outputs.matrix)', 'fromJson( needs.init.outputs.matrix )'],
        ['arch: ${{ matrix.arch }}', 'arch: "${{matrix.arch}}"'],
      ],
    ],
  ])('%s', (_, changes) => {
    const { told, jobs } = done(...changes)
    expect(told).toEqual([both])
    expect(Object.keys(jobs)).toEqual(['build'])
    expect(jobs.build).not.toHaveProperty('strategy')
    expect(jobs.build).not.toHaveProperty('needs')
    expect(jobs.build).toMatchObject({ name: 'Build image', 'runs-on': 'ubuntu-latest' })
  })

  test('without a notice about emulation if one machine built everything', () => {
    const { told, jobs } = done(['    runs-on: ${{ matrix.os }}', '    runs-on: [self-hosted, x]'])
    expect(told).toEqual([says('; "init" and "manifest" are removed', false)])
    expect(jobs.build?.['runs-on']).toEqual(['self-hosted', 'x'])
  })

  test.each<[string, Changes, string, unknown]>([
    ['a condition', [['    name: Initialize build\n', "    if: github.ref_name == 'main'\n"]], one, 'init'],
    ['jobs that it waits for', [['    name: Initialize build\n', '    needs: lint\n']], one, 'init'],
    ['another output', [['      matrix: ${{ steps', '      other: x\n      matrix: ${{ steps']], one, 'init'],
    [
      'another step',
      [['      - name: Get build matrix', '      - run: x\n      - name: Get build matrix']],
      one,
      'init',
    ],
    ['a job that reads its result', [later("    needs: init\n    if: needs.init.result == 'success'\n")], one, 'init'],
    [
      'jobs that the job that builds waits for as well',
      [
        ['    name: Initialize build\n', '    needs: lint\n'],
        ['    needs: init\n', '    needs: [lint, init]\n'],
      ],
      both,
      'lint',
    ],
    ['several jobs that are waited for', [['    needs: init\n', '    needs: [a, init, b]\n']], both, ['a', 'b']],
  ])('and keeps what else is waited for: %s', (_, changes, message, needs) => {
    const { told, jobs } = done(...changes)
    expect(told).toEqual([message])
    expect(jobs.build?.needs).toEqual(needs)
    expect(Object.keys(jobs).includes('init')).toBe(message === one)
    if (message === one) {
      const init = jobs.init as { steps: readonly object[]; outputs?: object }
      expect(JSON.stringify(init)).not.toContain('prepare-multi-arch-matrix')
      expect(init.outputs).toEqual(changes[0]?.[1].includes('other: x') ? { other: 'x' } : undefined)
    }
  })

  test.each<[string, string, unknown]>([
    ['by a word', '    needs: manifest\n', 'build'],
    ['in a list on lines', '    needs:\n      - manifest\n      - x\n', ['x', 'build']],
    ['with the job that builds', '    needs: [build, manifest]\n', 'build'],
    ['of the first', '    needs: [init]\n', undefined],
    ['of none', '', undefined],
  ])('and lets others wait for the job that builds: %s', (_, more, needs) => {
    const { told, jobs } = done(later(more))
    expect(told).toEqual([both])
    expect(jobs.later?.needs).toEqual(needs)
    expect(jobs.later).not.toHaveProperty('if')
  })

  test.each<[string, string, string]>([
    ["'true'", '${{ inputs.push }}', "inputs.push == 'true'"],
    ['true', '${{ inputs.push }}', 'inputs.push == true'],
    ['itself', '${{ inputs.push }}', '${{inputs.push}}'],
    ['the other way round', "${{ inputs.push == 'true' }}", 'inputs.push'],
    ['the other way round, as a value', '${{ inputs.push == true }}', 'inputs.push'],
  ])('on a condition that is compared with %s', (_, pushes, condition) => {
    const { told, jobs } = done(
      [push, `          push: ${pushes}`],
      ['    needs: [init, build]\n', `    needs: [init, build]\n    if: ${condition}\n`],
    )
    expect(told).toEqual([both])
    expect(jobs.build).not.toHaveProperty('if')
  })

  test('on a condition that both jobs have', () => {
    const condition = "    if: github.ref_name == 'main'\n"
    const { told, jobs } = done(buildJob(condition), [
      '    needs: [init, build]\n',
      `    needs: [init, build]\n${condition}`,
    ])
    expect(told).toEqual([both])
    expect(jobs.build?.if).toBe("github.ref_name == 'main'")
  })

  test('and gives no condition to a job that did not wait for the joined image', () => {
    const { told, jobs } = done(
      later('    needs: [init, build]\n'),
      [
        '    needs: [init, build]\n    runs-on: ubuntu-latest\n    permissions',
        "    needs: [init, build]\n    if: inputs.push == 'true'\n    runs-on: ubuntu-latest\n    permissions",
      ],
      [push, '          push: ${{ inputs.push }}'],
    )
    expect(told).toEqual([both])
    expect(jobs.later).toMatchObject({ needs: 'build' })
    expect(jobs.later).not.toHaveProperty('if')
  })

  test('and names the architecture by its placeholder where this action knows it', () => {
    const alone = example.slice(0, example.indexOf('\n  manifest:'))
    const { text } = run(
      alone
        .replace(
          push,
          `${push}\n          cache-gha-scope: x-\${{ matrix.arch }}\n          labels: a=\${{matrix.arch}}`,
        )
        .replace('            latest', '            ${{ matrix.arch }}-a\n            ${{ matrix.arch }}-b'),
    )
    expect(text).toContain('          cache-scope: x-{arch}\n          labels: a={arch}\n')
    expect(text).toContain('            {arch}-a\n            {arch}-b\n')
  })

  test.each([
    ['    name: ${{ matrix.arch }}   image  here', 'image here'],
    ['    name: Build "${{ matrix.arch }}x"', 'Build "x"'],
    ['    name: For all', 'For all'],
  ])('and has no architecture in its name: %s', (line, name) => {
    expect(done(['    name: Build ${{ matrix.arch }} image', line]).jobs.build?.name).toBe(name)
  })

  test('without a notice about jobs if none is removed', () => {
    const alone = example.slice(0, example.indexOf('\n  manifest:'))
    const { text, diagnostics } = run(
      alone.replace('      matrix: ${{ steps', '      other: x\n      matrix: ${{ steps'),
    )
    expect(diagnostics).toMatchObject([{ message: says('') }])
    expect(text).toContain("          multi-arch-image: 'false'\n          sign: keyless\n")
  })
})

describe('steps that build, where no job prepares their matrix', () => {
  const step = (more = '') =>
    `      - name: B\n${more}        uses: home-assistant/builder/actions/build-image@1\n        with:\n          arch: amd64\n`
  const cosign = (more = '') => `      - uses: sigstore/cosign-installer@v1\n${more}`
  const job = (steps: string) => `jobs:\n  a:\n    steps:\n${steps}`
  const installed = (text: string) =>
    run(text)
      .text.match(/uses: .*/g)
      ?.map((line) => line.replace(/^uses: |@.*/g, ''))
  const [ours, theirs] = ['x/y', 'sigstore/cosign-installer']

  test.each([
    ['after a step that installs it', job(cosign() + step()), [theirs, ours]],
    ['after one that may not', job(cosign('        if: x\n') + step()), [theirs, theirs, ours]],
    ['before one', job(step() + cosign()), [theirs, ours, theirs]],
    [
      'after another action of such a name',
      job(cosign().replace('sigstore', 'x/sigstore') + step()),
      ['x/sigstore/cosign-installer', theirs, ours],
    ],
    ['in each of two jobs', `${job(step())}  b:\n    steps:\n${step()}`, [theirs, ours, theirs, ours]],
    ['twice in one job', job(step() + step()), [theirs, ours, ours]],
    [
      'second after one that needs none',
      job(step().concat('          cosign: false\n') + step()),
      [ours, theirs, ours],
    ],
    ['not', job(step().concat('          cosign: false\n')), [ours]],
  ])('have cosign where they sign: %s', (_, text, uses) => {
    expect(installed(text)).toEqual(uses)
    expect(run(text).diagnostics).toEqual([])
  })

  test.each<[string, string, string, string]>([
    [
      'braces',
      job(step().replace(/with:\n.*/, 'with: { arch: a }')),
      'in the job "a" (line 4) its inputs are in braces',
      'architectures: "a", multi-arch-image: "false", sign: "keyless"',
    ],
    [
      'brackets',
      'jobs:\n  a:\n    steps: [{ uses: home-assistant/builder/actions/build-image@1 }]\n',
      'in the job "a" (line 3) its steps are in brackets; in the job "a" (line 3) its inputs are in braces',
      'multi-arch-image: "false", sign: "keyless"',
    ],
    [
      'a composite action',
      `runs:\n  using: composite\n  steps:\n${step()}          load: true\n`,
      'in line 8 "load" keeps the image on the runner for later steps, which this action does not',
      'architectures: "amd64", multi-arch-image: "false", sign: "keyless"',
    ],
    [
      'a matrix of its own',
      job(`${step().replace('amd64', '${{ matrix.arch }}')}          load: true\n`),
      'in the job "a" (line 8) "load" keeps the image on the runner for later steps, which this action does not',
      'architectures: "${{ matrix.arch }}", multi-arch-image: "false", sign: "keyless"',
    ],
  ])('stay as they are in %s', (_, text, reason, inputs) => {
    expect(run(text)).toMatchObject({
      text,
      diagnostics: [
        {
          code: 'migrate/workflow-kept',
          message: `The file keeps its steps of home-assistant/builder/actions, because ${reason}.`,
          remedy: `Write one step by hand instead of it: "uses: x/y@v1" with ${inputs}.`,
        },
      ],
    })
  })

  test('lose inputs, each with a notice', () => {
    const { diagnostics } = run(job(`${step()}          cosign-identity: x\n`))
    expect(diagnostics).toEqual([
      {
        severity: 'notice',
        code: 'migrate/no-counterpart',
        message: '"cosign-identity" is removed: it was for a cache in the registry, which is not used here.',
        remedy: 'Check that nothing needs it.',
        where: { file: 'w.yml', line: 8, column: 11 },
      },
    ])
  })

  test.each<[string, Changes]>([
    [
      'made from several texts',
      [['${{ fromJSON(needs.init.outputs.matrix) }}', '${{ fromJSON(needs.init.outputs.matrix).x }}']],
    ],
    [
      'made by a function',
      [['${{ fromJSON(needs.init.outputs.matrix) }}', '${{ x(fromJSON(needs.init.outputs.matrix)) }}']],
    ],
    ['of no job', [['needs.init.outputs.matrix', 'needs.other.outputs.matrix']]],
    ['of no output', [['needs.init.outputs.matrix', 'needs.init.outputs.other']]],
    ['of another output of the step', [['steps.matrix.outputs.matrix', 'steps.matrix.outputs.matrix2']]],
    ['of a part of an expression', [['steps.matrix.outputs.matrix', 'x(steps.matrix.outputs.matrix']]],
    ['of no step', [['        id: matrix\n', '']]],
    ['of a step of another action', [['prepare-multi-arch-matrix@2026.06.0', 'other@1']]],
  ])('keep the matrix, and its job, where it is %s', (_, changes) => {
    const text = exampleWith(...changes)
    const { text: after, diagnostics } = run(text)
    expect(parse(after).jobs.init).toEqual(parse(text).jobs.init)
    expect(parse(after).jobs.manifest).toEqual(parse(text).jobs.manifest)
    expect(parse(after).jobs.build.strategy).toEqual(parse(text).jobs.build.strategy)
    expect(diagnostics.map(({ code }) => code)).toEqual(['migrate/no-counterpart', 'migrate/no-counterpart'])
  })

  test('stay where several build from one matrix', () => {
    const build = example.slice(example.indexOf('      - name: Build image'), example.indexOf('\n  manifest:'))
    const text = exampleWith(['      - name: Build image', `${build}\n      - name: Build image`])
    const { text: after, diagnostics } = run(text)
    expect(after).toBe(text)
    expect(diagnostics.map(({ message }) => message)).toEqual(
      [44, 56].map(
        (line) =>
          `The file keeps its steps of home-assistant/builder/actions, because in the job "build" (line ${line}) several steps build from the same matrix.`,
      ),
    )
  })

  test('leave alone a step of the same job that joins images', () => {
    const publish = '\n      - uses: home-assistant/builder/actions/publish-multi-arch-manifest@1\n'
    const alone = example.slice(0, example.indexOf('\n  manifest:'))
    const { text, diagnostics } = run(`${alone}${publish}`)
    expect(text).toContain(publish)
    expect(diagnostics.map(({ code }) => code)).toEqual(['migrate/one-job', 'migrate/no-counterpart'])
  })

  test('have a notice about one machine if necessary', () => {
    expect(run(example).diagnostics[0]?.remedy).toBe(
      'For a native runner for each architecture, call the reusable workflow instead, with "uses: org/aicleaner-build/.github/workflows/build-addon.yml@v1".',
    )
    expect(run(exampleWith(['    runs-on: ${{ matrix.os }}', '    runs-on: x'])).diagnostics[0]?.remedy).toBe(
      'No action is needed.',
    )
  })
})
