// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of GitHub.
import { applyEdits } from '../../../src/addon/migrate/edits.ts'
import { inputEdits, scalar, settingsOf, writtenInputs } from '../../../src/addon/migrate/successor-inputs.ts'
import { jobsOf, replacedAction, stepsOf } from '../../../src/addon/migrate/workflow-steps.ts'
import { YamlText } from '../../../src/addon/migrate/yaml-text.ts'

/** A workflow with one step that has these lines under `with`. */
const stepWith = (lines: string) => {
  const text = `jobs:\n  a:\n    steps:\n      - uses: x@1\n        with:${lines
    .replaceAll(/^(?=.)/gm, '          ')
    .replace(/^ *(?=[{[])/, ' ')
    .replace(/^(?= {10})/, '\n')}\n`
  const page = new YamlText(text, 'w.yml')
  const [step] = stepsOf(page)
  if (!step) throw new Error('no step')
  return { text, page, step }
}
const settings = (lines: string) => {
  const { page, step } = stepWith(lines)
  const { dropped, reasons, ...rest } = settingsOf(step)
  return {
    ...rest,
    reasons: reasons.map(({ text, at }) => `${page.locationOf(at).line}: ${text}`),
    dropped: dropped.map(([pair, why]) => `${page.source(pair)} (${why})`),
  }
}
const usual = { more: [['sign', 'keyless']], needsCosign: true, reasons: [], dropped: [] }
const unsigned = { ...usual, more: [], needsCosign: false }

describe('the settings of a step that builds', () => {
  const inRegistry = 'it was for a cache in the registry, which is not used here'

  test.each<[string, object]>([
    ['push: true', usual],
    ['cosign: true', usual],
    ['cosign: ""', usual],
    ['cosign: " false "', unsigned],
    ['cosign: ${{ inputs.sign }}', { ...unsigned, reasons: ['6: an expression in "cosign" decides whether to sign'] }],
    ['load: false', usual],
    ['load: ""', usual],
    [
      'push: true\nload: true',
      { ...usual, reasons: ['7: "load" keeps the image on the runner for later steps, which this action does not'] },
    ],
    [
      'load: ${{ x }}',
      { ...usual, reasons: ['6: "load" keeps the image on the runner for later steps, which this action does not'] },
    ],
    [
      `cosign-base: x\ncosign-base-verified: x\nmy-cosign: x\n${'y'.repeat(61)}: z`,
      {
        ...usual,
        reasons: [
          '6: the input "cosign-base" is unknown',
          '7: the input "cosign-base-verified" is unknown',
          '8: the input "my-cosign" is unknown',
          `9: the input "${'y'.repeat(60)}" is unknown`,
        ],
      },
    ],
    [
      'cache-gha: false',
      {
        ...usual,
        more: [
          ['cache', 'inline'],
          ['sign', 'keyless'],
        ],
      },
    ],
    [
      'cache-gha: true',
      {
        ...usual,
        dropped: ['cache-gha: true (the cache of GitHub is used if the runner offers it, see the input "cache")'],
      },
    ],
    [
      'cache-gha: ${{ x }}',
      {
        ...usual,
        dropped: ['cache-gha: ${{ x }} (the cache of GitHub is used if the runner offers it, see the input "cache")'],
      },
    ],
    [
      'cache-image-tag: x\ncosign-identity: y\ncosign-issuer: z',
      {
        ...usual,
        dropped: [
          'cache-image-tag: x (the published image is not used as a cache here, see the input "cache")',
          `cosign-identity: y (${inRegistry})`,
          `cosign-issuer: z (${inRegistry})`,
        ],
      },
    ],
    [
      'cosign: false\ncosign-base-identity: i\ncosign-base-verify: b\ncosign-base-issuer: j\ncosign-issuer: k',
      {
        ...unsigned,
        more: [
          ['verify-base', 'keyless:i'],
          ['verify-base-issuer', 'j'],
        ],
        needsCosign: true,
        dropped: [
          `cosign-issuer: k (${inRegistry})`,
          'cosign-base-verify: b (the base images of the Dockerfile are verified, in every run)',
        ],
      },
    ],
    [
      'cosign: false\ncosign-base-identity: i\ncosign-base-verify: b',
      {
        ...unsigned,
        more: [['verify-base', 'keyless:i']],
        needsCosign: true,
        dropped: ['cosign-base-verify: b (the base images of the Dockerfile are verified, in every run)'],
      },
    ],
    ['cosign: false\ncosign-base-identity: i', unsigned],
    ['cosign: false\ncosign-base-verify: b', unsigned],
    ['cosign: false\ncontainer-registry: ghcr.io', unsigned],
    ['cosign: false\ncontainer-registry: x', { ...unsigned, more: [['username', '${{ github.repository_owner }}']] }],
    ['cosign: false\ncontainer-registry: x\ncontainer-registry-username: y', unsigned],
  ])('%j', (lines, expected) => expect(settings(lines)).toEqual(expected))

  test('are the usual ones where it has no inputs', () => {
    const [step] = stepsOf(new YamlText('jobs:\n  a:\n    steps:\n      - uses: x@1\n', 'w.yml'))
    expect(step && settingsOf(step)).toEqual(usual)
    expect(step && writtenInputs(step, { values: new Map(), more: [['a', 'b']] })).toEqual([['a', 'b']])
  })
})

describe('the inputs of a step', () => {
  const names = [
    ['arch', 'architectures'],
    ['build-args', 'build-args'],
    ['cache-gha-scope', 'cache-scope'],
    ['container-registry', 'registry'],
    ['container-registry-password', 'password'],
    ['container-registry-username', 'username'],
    ['context', 'target'],
    ['file', 'file'],
    ['image', 'image'],
    ['image-tags', 'tags'],
    ['labels', 'labels'],
    ['push', 'push'],
    ['version', 'version'],
  ] as const
  const edited = (lines: string, values: ReadonlyMap<string, string>, more: readonly (readonly [string, string])[]) => {
    const { text, page, step } = stepWith(lines)
    const edits = inputEdits(page, step, { values, more })
    return edits && applyEdits(text, edits)
  }

  test('have other names, and the same values', () => {
    const before = names.map(([name], index) => `${name}:  ${index} # why\n`).join('')
    const after = names.map(([, name], index) => `${name}:  ${index} # why\n`).join('')
    expect(edited(before, new Map(), [])).toBe(stepWith(after).text)
    const { step } = stepWith(before)
    expect(writtenInputs(step, { values: new Map(), more: [] })).toEqual(
      names.map(([, name], index) => [name, `${index}`]),
    )
  })

  test('get values and further lines, and lose what has no counterpart', () => {
    const before = 'cosign: false\narch: x\n# i\nimage: y # z\nload: false'
    const values = new Map([
      ['arch', 'a,b'],
      ['image', 'c: d'],
    ])
    const more = [
      ['sign', 'keyless'],
      ['m', 'true'],
    ] as const
    expect(edited(before, values, more)).toBe(
      stepWith("architectures: a,b\n# i\nimage: 'c: d' # z\nsign: keyless\nm: 'true'").text,
    )
    expect(writtenInputs(stepWith(before).step, { values, more })).toEqual([
      ['architectures', 'a,b'],
      ['image', 'c: d'],
      ...more,
    ])
  })

  test.each([['{ arch: x }'], ['[arch]'], ['cosign: x'], ['? [arch]\n: x']])(
    'cannot be changed where they are %j',
    (lines) => {
      expect(edited(lines, new Map(), [['a', 'b']])).toBeUndefined()
    },
  )

  test.each([
    ['a', 'a'],
    ['./x', './x'],
    ['${{ a }}', '${{ a }}'],
    ['a b:c', 'a b:c'],
    ['/x', '/x'],
    ['_x', '_x'],
    ['1.x', '1.x'],
    ['a: b', "'a: b'"],
    ['a:', "'a:'"],
    ['a #b', "'a #b'"],
    ["-'", "'-'''"],
    ['*', "'*'"],
    ['', "''"],
    ['x', 'x'],
    ['True', "'True'"],
    ['false', "'false'"],
    ['NULL', "'NULL'"],
    ['yes', "'yes'"],
    ['no', "'no'"],
    ['on', "'on'"],
    ['off', "'off'"],
    ['10', "'10'"],
    ['1.5', "'1.5'"],
    ['1e3', "'1e3'"],
    ['1_0', "'1_0'"],
    ['untrue', 'untrue'],
    ['trues', 'trues'],
  ])('are written as YAML: %s as %s', (text, expected) => {
    expect(scalar(text)).toBe(expected)
  })
})

describe('the jobs and steps of a workflow', () => {
  const read = (text: string) =>
    jobsOf(new YamlText(text, 'w.yml')).map(({ name, needs, steps }) => ({
      name,
      needs,
      steps: steps.map(({ uses, inputs }) => [uses, inputs && Object.fromEntries(inputs)]),
    }))

  test('are read in their order', () => {
    expect(
      read(
        'jobs:\n  a:\n    needs: x\n    steps:\n      - uses: u@1\n      - run: x\n      - uses: 1\n      - x\n      - uses: v@1\n        with:\n          a: 1\n          b: true\n          c:\n  b: x\n  c:\n    needs: [x, y]\n    steps: x\n',
      ),
    ).toEqual([
      {
        name: 'a',
        needs: ['x'],
        steps: [
          ['u@1', {}],
          ['v@1', { a: '1', b: 'true', c: '' }],
        ],
      },
      { name: 'c', needs: ['x', 'y'], steps: [] },
    ])
  })

  test('are those of a composite action, without a name', () => {
    expect(read('runs:\n  using: composite\n  steps:\n    - uses: u@1\n')).toEqual([
      { name: undefined, needs: [], steps: [['u@1', {}]] },
    ])
  })

  test.each([['x'], ['- x'], ['jobs: x'], ['jobs: [x]'], ['runs: x'], ['']])('are none in %j', (text) => {
    expect(read(text)).toEqual([])
  })

  test.each([['x'], ['[a]'], ['{ a: [b] }'], ['{ [a]: b }'], ['{ a: { b: c } }']])(
    'have no inputs where they are %s',
    (text) => {
      expect(read(`jobs: { a: { steps: [{ uses: u@1, with: ${text} }] } }`)[0]?.steps).toEqual([['u@1', undefined]])
    },
  )

  test.each([
    ['u@1', 'x@2'],
    ['"u@1"', '"x@2"'],
    ["'u@1' # v1.2.3", "'x@2'"],
    ['u@1 # why', 'x@2 # why'],
    ['u@1   #v1', 'x@2'],
    ['u@1 # MAIN', 'x@2'],
    ['u@1 # latest  ', 'x@2'],
    ['u@1 # v', 'x@2 # v'],
    ['u@1 # tag=x', 'x@2 # tag=x'],
    ['u@1 # pin@v4', 'x@2'],
    ['u@1 # ratchet:a/b@v4', 'x@2'],
    ['u@1 # mainly', 'x@2 # mainly'],
    ['u@1 # v4 #', 'x@2 # v4 #'],
    ['u@1 # x v4', 'x@2 # x v4'],
    ['u@1 # ', 'x@2 # '],
  ])('name another action: %s → %s', (before, after) => {
    const text = `jobs:\n  a:\n    steps:\n      - uses: ${before}\n        id: x\n`
    const page = new YamlText(text, 'w.yml')
    const [step] = stepsOf(page)
    expect(step && applyEdits(text, replacedAction(page, step.usesNode, 'x@2'))).toBe(text.replace(before, after))
  })
})
