// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import { parse } from 'yaml'
import { migrateWorkflow } from '../../../src/addon/migrate/workflow.ts'
import {
  architectures,
  buildJob,
  buildStep,
  type Changes,
  example,
  exampleWith,
  given,
  imageName,
  input,
  jobName,
  later,
  publishInput,
  push,
} from './successor-example.ts'

const run = (text: string) => migrateWorkflow(text, 'w.yml', 'x/y@v1')

test.each<[string, Changes, readonly string[]]>([
  [
    'inputs in braces',
    [[given, "        with: { arch: '${{ matrix.arch }}', image: '${{ matrix.image }}' }\n"]],
    [
      'in the job "manifest" (line 60) "container-registry-password" is not that of the job "build"',
      'in the job "manifest" (line 62) "image-tags" is not that of the job "build"',
      'in the job "build" (line 44) its inputs are in braces',
    ],
  ],
  [
    'inputs that are no map',
    [[given, '        with: x\n']],
    [
      'in the job "build" (line 44) its "with" is no map of names and texts',
      'in the job "build" (line 46) "arch" is not the value of the prepared matrix',
      'in the job "build" (line 46) "image" is not the value of the prepared matrix',
      'in the job "manifest" (line 60) "container-registry-password" is not that of the job "build"',
      'in the job "manifest" (line 62) "image-tags" is not that of the job "build"',
      'in the job "build" (line 44) its inputs are in braces',
    ],
  ],
  [
    'more than the architecture in "arch"',
    [['arch: ${{ matrix.arch }}', 'arch: x${{ matrix.arch }}']],
    ['in the job "build" (line 46) "arch" is not the value of the prepared matrix'],
  ],
  [
    'a word for "architectures"',
    [architectures('amd64')],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" is not that of the job "init"',
    ],
  ],
  [
    'an empty list for "architectures"',
    [architectures("'[]'")],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" is not that of the job "init"',
    ],
  ],
  [
    'a list of more than words for "architectures"',
    [architectures(`'["a b"]'`)],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" is not that of the job "init"',
    ],
  ],
  [
    'a list of more than words at the end for "architectures"',
    [architectures(`'["a-"]'`)],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" is not that of the job "init"',
    ],
  ],
  [
    'a list of numbers for "architectures"',
    [architectures("'[1]'")],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" is not that of the job "init"',
    ],
  ],
  [
    'a map for "architectures"',
    [architectures("'{}'")],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" is not that of the job "init"',
    ],
  ],
  [
    'the name ${{ matrix.x }}',
    [imageName('${{ matrix.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" is not that of the job "init"',
    ],
  ],
  [
    'the name x-${{ strategy.x }}',
    [imageName('x-${{ strategy.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" is not that of the job "init"',
    ],
  ],
  [
    'the name ${{ job.x }}',
    [imageName('${{ job.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" is not that of the job "init"',
    ],
  ],
  [
    'the name ${{ runner.os }}',
    [imageName('${{ runner.os }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" is not that of the job "init"',
    ],
  ],
  [
    'the name ${{ jobs.x }}',
    [imageName('${{ jobs.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" is not that of the job "init"',
    ],
  ],
  [
    'the name ${{ needs.other.outputs.x }}',
    [imageName('${{ needs.other.outputs.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" is not that of the job "init"',
    ],
  ],
  [
    'the name ${{ toJSON(needs) }}',
    [imageName('${{ toJSON(needs) }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" is not that of the job "init"',
    ],
  ],
  [
    'the name ${{ steps.info.outputs.x }}',
    [imageName('${{ steps.info.outputs.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" is not that of the job "init"',
    ],
  ],
  [
    'a name that the job has otherwise',
    [buildJob('    env:\n      image_name: x\n')],
    ['in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"'],
  ],
  [
    'an environment that is an expression',
    [buildJob('    env: ${{ fromJSON(x) }}\n')],
    [
      'in the job "init" (line 23) "architectures" is an expression that cannot be used in the job "build"',
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
    ],
  ],
  [
    'steps that change the environment',
    [buildStep('      - run: echo A=b >> $GITHUB_ENV\n\n')],
    [
      'in the job "init" (line 23) "architectures" is an expression that cannot be used in the job "build"',
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
    ],
  ],
  [
    'the runner in "build-args"',
    [input('build-args: A=${{ matrix.os }}')],
    ['in the job "build" (line 44) "build-args" uses the matrix'],
  ],
  [
    'the runner in "labels"',
    [input('labels: A=${{ matrix.os }}')],
    ['in the job "build" (line 44) "labels" uses the matrix'],
  ],
  [
    'the runner in "cache-gha-scope"',
    [input('cache-gha-scope: A=${{ matrix.os }}')],
    ['in the job "build" (line 44) "cache-gha-scope" uses the matrix'],
  ],
  [
    'the runner in "image-tags"',
    [['            latest\n          push', '            ${{ matrix.os }}\n          push']],
    [
      'in the job "build" (line 44) "image-tags" uses the matrix',
      'in the job "manifest" (line 70) "image-tags" is not that of the job "build"',
    ],
  ],
  [
    'the architecture in "file"',
    [input('file: ${{ matrix.arch }}/Dockerfile')],
    ['in the job "build" (line 44) "file" uses the matrix'],
  ],
  [
    'the image in "context"',
    [input('context: ${{ matrix.image }}')],
    ['in the job "build" (line 44) "context" uses the matrix'],
  ],
  [
    'a list of runners',
    [['    runs-on: ${{ matrix.os }}', '    runs-on: [self-hosted, "${{ matrix.os }}"]']],
    ['in the job "build" (line 33) its "runs-on" uses the matrix'],
  ],
  [
    'a part of the name of a runner',
    [['    runs-on: ${{ matrix.os }}', '    runs-on: x-${{ matrix.os }}']],
    ['in the job "build" (line 33) its "runs-on" uses the matrix'],
  ],
  [
    'the architecture in the environment',
    [buildJob('    env:\n      A: ${{ matrix.arch }}\n')],
    ['in the job "build" (line 33) its "env" uses the matrix'],
  ],
  ['a step that is no map', [buildStep('      - x\n')], ['in the job "build" (line 44) it has a step that is no map']],
  [
    'a condition of a step that uses the matrix',
    [buildStep("      - if: matrix.arch == 'x'\n        run: y\n\n")],
    ['in the job "build" (line 44) a step of it uses the matrix'],
  ],
  [
    'a condition of its step that uses the matrix',
    [['      - name: Build image\n', "      - name: Build image\n        if: matrix.arch == 'x'\n"]],
    ['in the job "build" (line 45) a step of it uses the matrix'],
  ],
  [
    'an input of another step that uses the matrix',
    [buildStep("      - uses: a/b@v1\n        with: { arch: '${{ matrix.arch }}' }\n\n")],
    ['in the job "build" (line 45) a step of it uses the matrix'],
  ],
  [
    'a step whose name is the architecture',
    [['- name: Build image', '- name: (${{ matrix.arch }})']],
    ['in the job "build" (line 44) a name uses the matrix'],
  ],
  [
    'a name of the job that is the architecture only',
    [jobName('${{ matrix.arch }}')],
    ['in the job "build" (line 31) a name uses the matrix'],
  ],
  [
    'a name of the job that is in quotes',
    [jobName('"Build ${{ matrix.arch }}"')],
    ['in the job "build" (line 31) a name uses the matrix'],
  ],
  [
    'a name of the job with the image',
    [jobName('Build ${{ matrix.image }}')],
    ['in the job "build" (line 31) a name uses the matrix'],
  ],
  [
    'a name of the job with the architecture in brackets',
    [jobName('Build [ ${{ matrix.arch }} ]')],
    ['in the job "build" (line 31) a name uses the matrix'],
  ],
  [
    'more than a matrix in its strategy',
    [['      fail-fast: false\n', '      fail-fast: false\n      max-parallel: 1\n      x: 1\n']],
    ['in the job "build" (line 41) its strategy has more than the prepared matrix'],
  ],
  [
    'another step that uses the matrix',
    [
      [
        '      - name: Get build matrix',
        `      - run: echo \${{ steps.matrix.outputs.matrix }}\n      - name: Get build matrix`,
      ],
    ],
    ['in the job "init" (line 23) another step uses the prepared matrix'],
  ],
  [
    'another step that uses the matrix in capitals',
    [
      [
        '      - name: Get build matrix',
        `      - run: echo \${{ steps.MATRIX.outputs.matrix }}\n      - name: Get build matrix`,
      ],
    ],
    ['in the job "init" (line 23) another step uses the prepared matrix'],
  ],
  [
    'another step that uses the matrix in brackets',
    [
      [
        '      - name: Get build matrix',
        `      - run: echo \${{ steps[ 'matrix' ].outputs.matrix }}\n      - name: Get build matrix`,
      ],
    ],
    ['in the job "init" (line 23) another step uses the prepared matrix'],
  ],
  [
    'another step that uses a matrix in capitals',
    [
      ['        id: matrix', '        id: Matrix'],
      ['steps.matrix.outputs', 'steps.Matrix.outputs'],
      [
        '      - name: Get build matrix',
        '      - run: echo ${{ steps.Matrix.outputs.matrix }}\n      - name: Get build matrix',
      ],
    ],
    ['in the job "init" (line 23) another step uses the prepared matrix'],
  ],
  [
    'the matrix in several outputs',
    [
      [
        '      matrix: ${{ steps.matrix.outputs.matrix }}',
        '      matrix: ${{ steps.matrix.outputs.matrix }}\n      m2: ${{ steps.matrix.outputs.matrix }}',
      ],
    ],
    ['in the job "init" (line 18) the matrix is in several outputs'],
  ],
  [
    'a second use of the matrix',
    [buildStep(`      - run: echo \${{ needs.init.outputs.matrix }}\n`)],
    ['in the job "build" (line 30) it uses the prepared matrix twice'],
  ],
  [
    'a second use of the matrix in other letters',
    [buildStep(`      - run: echo \${{ needs.INIT.outputs['matrix'] }}\n`)],
    ['in the job "build" (line 30) it uses the prepared matrix twice'],
  ],
  [
    'another job that uses the matrix in brackets',
    [later("    needs: init\n    if: needs['init'].outputs.matrix != ''\n")],
    ['in the job "later" (line 56) it uses the prepared matrix, too'],
  ],
  [
    'another job that uses a matrix in capitals',
    [
      ['      matrix: ${{ steps', '      M: ${{ steps'],
      ['needs.init.outputs.matrix', 'needs.init.outputs.M'],
      later("    needs: init\n    if: needs.init.outputs.M != ''\n"),
    ],
    ['in the job "later" (line 56) it uses the prepared matrix, too'],
  ],
  [
    'a job that joins the images and uses the matrix',
    [['    needs: [init, build]\n', "    needs: [init, build]\n    env: { A: '${{ needs.init.outputs.matrix }}' }\n"]],
    ['in the job "manifest" (line 56) it uses the prepared matrix, too'],
  ],
  [
    'a job that another one waits for, with nothing else in it',
    [
      ['      - uses: actions/checkout@v6\n\n      - name: Get', '      - name: Get'],
      later("    needs: init\n    if: needs.init.result == 'success'\n"),
    ],
    ['in the job "init" (line 15) nothing would be left of it, but other jobs or a condition depend on it'],
  ],
  [
    'a job on a condition, with nothing else in it',
    [
      ['      - uses: actions/checkout@v6\n\n      - name: Get', '      - name: Get'],
      ['    name: Initialize build\n', "    if: github.ref_name == 'main'\n"],
    ],
    ['in the job "init" (line 15) nothing would be left of it, but other jobs or a condition depend on it'],
  ],
  [
    'a job that joins the images with another "container-registry"',
    [publishInput('container-registry: x')],
    ['in the job "manifest" (line 70) "container-registry" is not that of the job "build"'],
  ],
  [
    'a job that joins the images with another "container-registry-username"',
    [publishInput('container-registry-username: x')],
    ['in the job "manifest" (line 70) "container-registry-username" is not that of the job "build"'],
  ],
  [
    'a job that joins the images with another "cosign"',
    [publishInput('cosign: x')],
    ['in the job "manifest" (line 70) "cosign" is not that of the job "build"'],
  ],
  [
    'a job that joins the images with another password',
    [
      [
        '          container-registry-password: ${{ secrets.GITHUB_TOKEN }}\n          image-name',
        '          container-registry-password: x\n          image-name',
      ],
    ],
    ['in the job "manifest" (line 68) "container-registry-password" is not that of the job "build"'],
  ],
  [
    'a job that joins the images of another owner',
    [publishInput('registry-prefix: x')],
    ['in the job "manifest" (line 70) "registry-prefix" is not that of the job "init"'],
  ],
  [
    'a job that joins the images of other architectures',
    [
      [
        '          architectures: ${{ env.ARCHITECTURES }}\n          container',
        '          architectures: x\n          container',
      ],
    ],
    ['in the job "manifest" (line 67) "architectures" is not that of the job "init"'],
  ],
  [
    'a job with a step before it joins the images',
    [['      - name: Publish multi', '      - uses: a/docker/login-action@v1\n      - name: Publish multi']],
    ['in the job "manifest" (line 64) it has more steps'],
  ],
  [
    'a step that joins the images on a condition',
    [
      [
        '      - name: Publish multi-arch manifest\n',
        "      - name: Publish multi-arch manifest\n        if: github.ref_name == 'main'\n",
      ],
    ],
    ['in the job "manifest" (line 65) its condition is not that of "push" in the job "build"'],
  ],
  [
    'a use of the digest, by a name in capitals',
    [
      ['      - name: Build image\n', '      - name: Build image\n        id: Image\n'],
      ['  manifest:', '      - run: echo "${{ steps.Image.outputs.digest }}"\n\n  manifest:'],
    ],
    [
      'in the job "build" (line 44) its output "digest" is used; this action has "digests", a JSON object by architecture',
    ],
  ],
  [
    'an anchor where the matrix is prepared',
    [
      [
        '      - uses: actions/checkout@v6\n\n      - name: Get',
        '      - &c\n        uses: actions/checkout@v6\n\n      - name: Get',
      ],
    ],
    ['in the job "init" (line 15) it has anchors or aliases'],
  ],
  [
    'a job that reads the result, in capitals',
    [later("    needs: [init, build, manifest]\n    if: needs.MANIFEST.result == 'success'\n")],
    ['in the job "later" (line 56) it uses the outputs or the result of the job "manifest"'],
  ],
  [
    'a job in braces that waits for a conditional one',
    [
      ['  manifest:\n', '  later: { needs: [init, manifest], runs-on: x, steps: [{ run: x }] }\n\n  manifest:\n'],
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, "          push: ${{ github.ref_name == 'main' }}"],
    ],
    ['in the job "later" (line 56) it is skipped where the job "manifest" is, and would not be without it'],
  ],
  [
    'a job that waits for a conditional one and runs on always()',
    [
      later(`    needs: [init, manifest]\n    if: \${{ always() }}\n`),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, "          push: ${{ github.ref_name == 'main' }}"],
    ],
    ['in the job "later" (line 56) it is skipped where the job "manifest" is, and would not be without it'],
  ],
  [
    'a job that waits for a conditional one and runs on failure()',
    [
      later(`    needs: [init, manifest]\n    if: \${{ failure() }}\n`),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, "          push: ${{ github.ref_name == 'main' }}"],
    ],
    ['in the job "later" (line 56) it is skipped where the job "manifest" is, and would not be without it'],
  ],
  [
    'a job that waits for a conditional one and runs on !cancelled()',
    [
      later(`    needs: [init, manifest]\n    if: \${{ !cancelled() }}\n`),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, "          push: ${{ github.ref_name == 'main' }}"],
    ],
    ['in the job "later" (line 56) it is skipped where the job "manifest" is, and would not be without it'],
  ],
  [
    'a job that waits for a conditional one and runs on Success()',
    [
      later(`    needs: [init, manifest]\n    if: \${{ Success() }}\n`),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, "          push: ${{ github.ref_name == 'main' }}"],
    ],
    ['in the job "later" (line 56) it is skipped where the job "manifest" is, and would not be without it'],
  ],
])('a workflow with %s stays as it is, and says why', (_, changes, reasons) => {
  const text = exampleWith(...changes)
  const { text: after, diagnostics } = run(text)
  expect(after).toBe(text)
  expect(diagnostics.map(({ message }) => message)).toEqual([
    `The file keeps its steps of home-assistant/builder/actions, because ${reasons.join('; ')}.`,
  ])
})

test.each<[string, Changes, string]>([
  [
    'the joined image on the condition of the build, and "push" on another',
    [
      buildJob("    if: github.ref_name == 'main'\n"),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, '          push: ${{ inputs.push }}'],
    ],
    'its condition is not that of "push" in the job "build"',
  ],
  [
    'the joined image on a condition, without "push"',
    [
      ['    needs: [init, build]\n', '    needs: [init, build]\n    if: inputs.push\n'],
      [`${push}\n`, ''],
    ],
    'its condition is not that of "push" in the job "build"',
  ],
  [
    'a condition on two jobs, of which a later one knows one',
    [
      later('    needs: [init, manifest]\n'),
      [
        '    needs: [init, build]\n',
        '    needs: [init, build, x]\n    if: needs.init.outputs.a == needs.x.outputs.a\n',
      ],
      [push, '          push: ${{ needs.init.outputs.a == needs.x.outputs.a }}'],
    ],
    'it is skipped where the job "manifest" is, and would not be without it',
  ],
])('a workflow with %s stays as it is', (_, changes, reason) => {
  const text = exampleWith(...changes)
  const { text: after, diagnostics } = run(text)
  expect(after).toBe(text)
  expect(diagnostics).toHaveLength(1)
  expect(diagnostics[0]?.message).toContain(reason)
})

test('a job that prepares the matrix in brackets keeps the workflow as it is', () => {
  const start = example.indexOf('    steps:\n')
  const text = `${example.slice(0, start)}    steps: [{ run: x }, { id: matrix, uses: home-assistant/builder/actions/prepare-multi-arch-matrix@1, with: { architectures: '["amd64"]', image-name: x } }]\n\n${example.slice(example.indexOf('  build:'))}`
  const { text: after, diagnostics } = run(text)
  expect(after).toBe(text)
  expect(diagnostics[0]?.message).toContain('in the job "init" (line 15) its steps or outputs are in brackets')
})

test('a workflow in JSON stays as it is, and says what to write', () => {
  const text = JSON.stringify(parse(example), undefined, 1)
  const { text: after, diagnostics } = run(text)
  expect(after).toBe(text)
  expect(diagnostics).toEqual([
    {
      severity: 'warning',
      code: 'migrate/workflow-kept',
      message:
        'The file keeps its steps of home-assistant/builder/actions, because in the job "build" (line 56) its steps are in brackets; in the job "build" (line 40) a name uses the matrix; in the job "init" (line 18) the jobs are in braces; in the job "manifest" (line 70) the jobs are in braces; in the job "build" (line 56) its inputs are in braces.',
      remedy:
        'Write one step by hand in the place of the jobs "init", "build", "manifest": "uses: x/y@v1" with architectures: "${{ join(fromJSON(env.ARCHITECTURES), \',\') }}", password: "${{ secrets.GITHUB_TOKEN }}", image: "ghcr.io/${{ github.repository_owner }}/{arch}-${{ env.IMAGE_NAME }}", tags: "${{ github.event.release.tag_name }}\\nlatest", push: "true", version: "${{ github.event.release.tag_name }}", sign: "keyless".',
      where: { file: 'w.yml', line: 56, column: 5 },
    },
  ])
})

test('a message names ten reasons and counts the others', () => {
  const text = exampleWith([
    push,
    `          load: true\n${Array.from({ length: 11 }, (_, index) => `          x${index}: y\n`).join('')}${push}`,
  ])
  const [diagnostic] = run(text).diagnostics
  expect(diagnostic?.message).toMatch(/ the input "x8" is not known; and 2 more\.$/)
  expect(diagnostic?.message).not.toContain('"x9"')
})
