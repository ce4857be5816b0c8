// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import { parse } from 'yaml'
import { migrateWorkflow } from '../../../src/addon/migrate/workflow.ts'
import { reasonsToKeep } from './reasons-to-keep.ts'
import {
  architectures,
  buildJob,
  buildStep,
  type Changes,
  example,
  exampleWith,
  given,
  imageName,
  push,
} from './successor-example.ts'

const run = (text: string) => migrateWorkflow(text, 'w.yml', 'x/y@v1')

test.each<[string, Changes, readonly string[]]>([
  [
    'inputs in braces',
    [[given, "        with: { arch: '${{ matrix.arch }}', image: '${{ matrix.image }}' }\n"]],
    [
      'in the job "manifest" (line 60) "container-registry-password" differs from that of the job "build"',
      'in the job "manifest" (line 62) "image-tags" differs from that of the job "build"',
      'in the job "build" (line 44) its inputs are in braces',
    ],
  ],
  [
    'inputs that are no map',
    [[given, '        with: x\n']],
    [
      'in the job "build" (line 44) its "with" is not a map of names and strings',
      'in the job "build" (line 46) "arch" is not the value of the prepared matrix',
      'in the job "build" (line 46) "image" is not the value of the prepared matrix',
      'in the job "manifest" (line 60) "container-registry-password" differs from that of the job "build"',
      'in the job "manifest" (line 62) "image-tags" differs from that of the job "build"',
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
      'in the job "manifest" (line 67) "architectures" differs from that of the job "init"',
    ],
  ],
  [
    'an empty list for "architectures"',
    [architectures("'[]'")],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" differs from that of the job "init"',
    ],
  ],
  [
    'a list of more than words for "architectures"',
    [architectures(`'["a b"]'`)],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" differs from that of the job "init"',
    ],
  ],
  [
    'a list of more than words at the end for "architectures"',
    [architectures(`'["a-"]'`)],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" differs from that of the job "init"',
    ],
  ],
  [
    'a list of numbers for "architectures"',
    [architectures("'[1]'")],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" differs from that of the job "init"',
    ],
  ],
  [
    'a map for "architectures"',
    [architectures("'{}'")],
    [
      'in the job "init" (line 23) "architectures" is neither a list nor an expression',
      'in the job "manifest" (line 67) "architectures" differs from that of the job "init"',
    ],
  ],
  [
    'the name ${{ matrix.x }}',
    [imageName('${{ matrix.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" differs from that of the job "init"',
    ],
  ],
  [
    'the name x-${{ strategy.x }}',
    [imageName('x-${{ strategy.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" differs from that of the job "init"',
    ],
  ],
  [
    'the name ${{ job.x }}',
    [imageName('${{ job.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" differs from that of the job "init"',
    ],
  ],
  [
    'the name ${{ runner.os }}',
    [imageName('${{ runner.os }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" differs from that of the job "init"',
    ],
  ],
  [
    'the name ${{ jobs.x }}',
    [imageName('${{ jobs.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" differs from that of the job "init"',
    ],
  ],
  [
    'the name ${{ needs.other.outputs.x }}',
    [imageName('${{ needs.other.outputs.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" differs from that of the job "init"',
    ],
  ],
  [
    'the name ${{ toJSON(needs) }}',
    [imageName('${{ toJSON(needs) }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" differs from that of the job "init"',
    ],
  ],
  [
    'the name ${{ steps.info.outputs.x }}',
    [imageName('${{ steps.info.outputs.x }}')],
    [
      'in the job "init" (line 23) "image-name" is an expression that cannot be used in the job "build"',
      'in the job "manifest" (line 69) "image-name" differs from that of the job "init"',
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
])('a workflow with %s stays as it is, and says why', (_, changes, reasons) => {
  expect(reasonsToKeep(exampleWith(...changes))).toBe(reasons.join('; '))
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
        'Write one step by hand instead of the jobs "init", "build", "manifest": "uses: x/y@v1" with architectures: "${{ join(fromJSON(env.ARCHITECTURES), \',\') }}", password: "${{ secrets.GITHUB_TOKEN }}", image: "ghcr.io/${{ github.repository_owner }}/{arch}-${{ env.IMAGE_NAME }}", tags: "${{ github.event.release.tag_name }}\\nlatest", push: "true", version: "${{ github.event.release.tag_name }}", sign: "keyless".',
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
  expect(diagnostic?.message).toMatch(/ the input "x8" is unknown; and 2 more\.$/)
  expect(diagnostic?.message).not.toContain('"x9"')
})
