// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import { migrateWorkflow } from '../../../src/addon/migrate/workflow.ts'
import { reasonsToKeep } from './reasons-to-keep.ts'
import { buildJob, buildStep, type Changes, example, exampleWith, input, jobName, later } from './successor-example.ts'

const run = (text: string) => migrateWorkflow(text, 'w.yml', 'x/y@v1')

test.each<[string, Changes, readonly string[]]>([
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
      'in the job "manifest" (line 70) "image-tags" differs from that of the job "build"',
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
  [
    'a step that is no map',
    [buildStep('      - x\n')],
    ['in the job "build" (line 44) it has a step that is not a map'],
  ],
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
    ['in the job "init" (line 15) it would be empty, but other jobs or a condition depend on it'],
  ],
  [
    'a job on a condition, with nothing else in it',
    [
      ['      - uses: actions/checkout@v6\n\n      - name: Get', '      - name: Get'],
      ['    name: Initialize build\n', "    if: github.ref_name == 'main'\n"],
    ],
    ['in the job "init" (line 15) it would be empty, but other jobs or a condition depend on it'],
  ],
])('a workflow with %s stays as it is, and says why', (_, changes, reasons) => {
  expect(reasonsToKeep(exampleWith(...changes))).toBe(reasons.join('; '))
})

test('a job that prepares the matrix in brackets keeps the workflow as it is', () => {
  const start = example.indexOf('    steps:\n')
  const text = `${example.slice(0, start)}    steps: [{ run: x }, { id: matrix, uses: home-assistant/builder/actions/prepare-multi-arch-matrix@1, with: { architectures: '["amd64"]', image-name: x } }]\n\n${example.slice(example.indexOf('  build:'))}`
  const { text: after, diagnostics } = run(text)
  expect(after).toBe(text)
  expect(diagnostics[0]?.message).toContain('in the job "init" (line 15) its steps or outputs are in brackets')
})
