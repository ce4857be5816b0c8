// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import { migrateWorkflow } from '../../../src/addon/migrate/workflow.ts'
import { reasonsToKeep } from './reasons-to-keep.ts'
import { buildJob, type Changes, exampleWith, later, publishInput, push } from './successor-example.ts'

const run = (text: string) => migrateWorkflow(text, 'w.yml', 'x/y@v1')

test.each<[string, Changes, readonly string[]]>([
  [
    'a job that joins the images with another "container-registry"',
    [publishInput('container-registry: x')],
    ['in the job "manifest" (line 70) "container-registry" differs from that of the job "build"'],
  ],
  [
    'a job that joins the images with another "container-registry-username"',
    [publishInput('container-registry-username: x')],
    ['in the job "manifest" (line 70) "container-registry-username" differs from that of the job "build"'],
  ],
  [
    'a job that joins the images with another "cosign"',
    [publishInput('cosign: x')],
    ['in the job "manifest" (line 70) "cosign" differs from that of the job "build"'],
  ],
  [
    'a job that joins the images with another password',
    [
      [
        '          container-registry-password: ${{ secrets.GITHUB_TOKEN }}\n          image-name',
        '          container-registry-password: x\n          image-name',
      ],
    ],
    ['in the job "manifest" (line 68) "container-registry-password" differs from that of the job "build"'],
  ],
  [
    'a job that joins the images of another owner',
    [publishInput('registry-prefix: x')],
    ['in the job "manifest" (line 70) "registry-prefix" differs from that of the job "init"'],
  ],
  [
    'a job that joins the images of other architectures',
    [
      [
        '          architectures: ${{ env.ARCHITECTURES }}\n          container',
        '          architectures: x\n          container',
      ],
    ],
    ['in the job "manifest" (line 67) "architectures" differs from that of the job "init"'],
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
    ['in the job "manifest" (line 65) its condition differs from that of "push" in the job "build"'],
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
    ['in the job "later" (line 56) it is skipped if the job "manifest" is skipped, and would run without that job'],
  ],
  [
    'a job that waits for a conditional one and runs on always()',
    [
      later(`    needs: [init, manifest]\n    if: \${{ always() }}\n`),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, "          push: ${{ github.ref_name == 'main' }}"],
    ],
    ['in the job "later" (line 56) it is skipped if the job "manifest" is skipped, and would run without that job'],
  ],
  [
    'a job that waits for a conditional one and runs on failure()',
    [
      later(`    needs: [init, manifest]\n    if: \${{ failure() }}\n`),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, "          push: ${{ github.ref_name == 'main' }}"],
    ],
    ['in the job "later" (line 56) it is skipped if the job "manifest" is skipped, and would run without that job'],
  ],
  [
    'a job that waits for a conditional one and runs on !cancelled()',
    [
      later(`    needs: [init, manifest]\n    if: \${{ !cancelled() }}\n`),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, "          push: ${{ github.ref_name == 'main' }}"],
    ],
    ['in the job "later" (line 56) it is skipped if the job "manifest" is skipped, and would run without that job'],
  ],
  [
    'a job that waits for a conditional one and runs on Success()',
    [
      later(`    needs: [init, manifest]\n    if: \${{ Success() }}\n`),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, "          push: ${{ github.ref_name == 'main' }}"],
    ],
    ['in the job "later" (line 56) it is skipped if the job "manifest" is skipped, and would run without that job'],
  ],
])('a workflow with %s stays as it is, and says why', (_, changes, reasons) => {
  expect(reasonsToKeep(exampleWith(...changes))).toBe(reasons.join('; '))
})

test.each<[string, Changes, string]>([
  [
    'the joined image on the condition of the build, and "push" on another',
    [
      buildJob("    if: github.ref_name == 'main'\n"),
      ['    needs: [init, build]\n', "    needs: [init, build]\n    if: github.ref_name == 'main'\n"],
      [push, '          push: ${{ inputs.push }}'],
    ],
    'its condition differs from that of "push" in the job "build"',
  ],
  [
    'the joined image on a condition, without "push"',
    [
      ['    needs: [init, build]\n', '    needs: [init, build]\n    if: inputs.push\n'],
      [`${push}\n`, ''],
    ],
    'its condition differs from that of "push" in the job "build"',
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
    'it is skipped if the job "manifest" is skipped, and would run without that job',
  ],
])('a workflow with %s stays as it is', (_, changes, reason) => {
  const text = exampleWith(...changes)
  const { text: after, diagnostics } = run(text)
  expect(after).toBe(text)
  expect(diagnostics).toHaveLength(1)
  expect(diagnostics[0]?.message).toContain(reason)
})
