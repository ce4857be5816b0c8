import { memoryFiles } from '../../src/addon/files.ts'
import { migrate } from '../../src/addon/migrate/migrate.ts'
import { migrateWorkflow } from '../../src/addon/migrate/workflow.ts'

describe('workflows', () => {
  const workflow = `name: Build # x
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Build \${{ matrix.arch }}   # the old one
        uses: "home-assistant/builder@2025.11.0" # pinned
        with:
          args: |
            --\${{ matrix.arch }} \\
            --target ./aicleaner_v3
      - uses:   home-assistant/builder@master
      - run: |
          - uses: home-assistant/builder@master
`

  test('only the name of the action changes', () => {
    expect(migrateWorkflow(workflow, 'x/y@v1')).toBe(
      workflow
        .replace('"home-assistant/builder@2025.11.0"', '"x/y@v1"')
        .replace('- uses:   home-assistant/builder@master', '- uses:   x/y@v1'),
    )
  })

  test.each([
    ['another action', 'jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n'],
    [
      'the new actions of the same repository',
      'jobs:\n  a:\n    steps:\n      - uses: home-assistant/builder/actions/build-image@2026.06.0\n',
    ],
    ['no YAML', 'jobs: [home-assistant/builder@master'],
  ])('%s stays as it is', (_, text) => {
    expect(migrateWorkflow(text, 'x/y@v1')).toBeUndefined()
  })

  test('are changed with the add-ons', async () => {
    const files = memoryFiles(
      new Map([
        ['.github/workflows/b.yml', workflow],
        ['config.yaml', 'name: x\nversion: "1"\nslug: x\ndescription: d\narch: [amd64]\n'],
        ['Dockerfile', 'FROM a/b\n'],
      ]),
    )
    const { changes } = await migrate({ targets: ['.'], changedOnly: false }, files)
    expect(changes.map(({ file }) => file)).toEqual(['.github/workflows/b.yml'])
  })
})
