// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import { migrateWorkflow } from '../../../src/addon/migrate/workflow.ts'
import { later, exampleWith as with_ } from './successor-example.ts'

const run = (text: string) => migrateWorkflow(text, 'w.yml', 'org/aicleaner-build@v1')

test.each<[string, string, string]>([
  [
    'a step that uses the matrix',
    with_([
      '      - name: Build image\n',
      '      - run: ./prepare.sh "${{ matrix.arch }}"\n\n      - name: Build image\n',
    ]),
    'in the job "build" (line 44) a step of it uses the matrix',
  ],
  [
    'a condition that uses the matrix',
    with_(['    needs: init\n', '    needs: init\n    if: github.ref_name == matrix.arch\n']),
    'in the job "build" (line 33) its "if" uses the matrix',
  ],
  [
    'more than the matrix',
    with_(['      fail-fast: false\n', '      x: 1\n']),
    'in the job "build" (line 39) its strategy has more than the prepared matrix',
  ],
  [
    'another image',
    with_(['image: ${{ matrix.image }}', 'image: ghcr.io/o/x']),
    '"image" is not the value of the prepared matrix',
  ],
  [
    'an image that later steps use',
    with_(['          push: "true"', '          load: true']),
    '"load" keeps the image on the runner for later steps',
  ],
  [
    'signatures on a condition',
    with_(['          push: "true"', '          push: "true"\n          cosign: ${{ github.ref_name == \'main\' }}']),
    'an expression in "cosign" decides whether to sign',
  ],
  [
    'an input that is not known',
    with_(['          push: "true"', '          push: "true"\n          squash: true']),
    'the input "squash" is unknown',
  ],
  [
    'other tags of the joined image',
    with_(['            latest\n          push', '            stable\n          push']),
    'in the job "manifest" (line 70) "image-tags" differs from that of the job "build"',
  ],
  [
    'another name of the joined image',
    with_([
      '          image-name: ${{ env.IMAGE_NAME }}\n          image-tags',
      '          image-name: other\n          image-tags',
    ]),
    '"image-name" differs from that of the job "init"',
  ],
  [
    'another condition of the joined image',
    with_(['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"]),
    'its condition differs from that of "push" in the job "build"',
  ],
  [
    'more steps where the images are joined',
    with_(['      - name: Publish multi-arch', '      - run: ./announce.sh\n\n      - name: Publish multi-arch']),
    'in the job "manifest" (line 64) it has more steps',
  ],
  [
    'a matrix that another job uses',
    with_(later("    needs: init\n    if: needs.init.outputs.matrix != ''\n")),
    'in the job "later" (line 56) it uses the prepared matrix, too',
  ],
  [
    'a matrix on a condition',
    with_(['        id: matrix\n', "        id: matrix\n        if: github.ref_name == 'main'\n"]),
    'the matrix is prepared conditionally',
  ],
  [
    'a variable of the job in the name',
    with_(['    name: Initialize build\n', '    env:\n      IMAGE_NAME: other\n']),
    '"image-name" is an expression that cannot be used in the job "build"',
  ],
  [
    'an anchor',
    with_([
      '    steps:\n      - uses: actions/checkout@v6\n\n      - name: Build image',
      '    steps:\n      - &checkout\n        uses: actions/checkout@v6\n\n      - name: Build image',
    ]),
    'it has anchors or aliases',
  ],
  [
    'a use of the digest',
    with_(
      ['      - name: Build image\n', '      - name: Build image\n        id: image\n'],
      ['  manifest:\n', '      - run: echo "${{ steps.image.outputs.digest }}"\n\n  manifest:\n'],
    ),
    'its output "digest" is used',
  ],
])('a workflow with %s stays as it is, and says why and what to write', (_, before, reason) => {
  const { text, diagnostics } = run(before)
  expect(text).toBe(before)
  expect(diagnostics).toMatchObject([
    {
      severity: 'warning',
      code: 'migrate/workflow-kept',
      message: expect.stringContaining(reason),
      remedy: expect.stringMatching(/Write one step by hand .*"uses: org\/aicleaner-build@v1" with architectures: /s),
      where: { file: 'w.yml', line: expect.any(Number) },
    },
  ])
})
