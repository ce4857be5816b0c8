import { describe, expect, test } from '@jest/globals'
import { changesDevice } from '../../src/addon/device-files.ts'

const nothing = () => false
const paths = (changes: Partial<Parameters<typeof changesDevice>[0]> = {}) => ({
  folder: 'tiny',
  dockerfiles: [],
  contexts: [],
  ...changes,
})

describe('a change of an add-on in a folder', () => {
  test.each<[file: string, counts: boolean]>([
    ['tiny/Dockerfile', true],
    ['tiny/config.yaml', true],
    ['tiny/build.yaml', true],
    ['tiny/apparmor.txt', true],
    ['tiny/run.sh', true],
    ['tiny/src/app.py', true],
    ['tiny/.dockerignore', true],
    ['tiny/.env', true],
    ['tiny/rootfs/etc/motd', true],
    ['tiny/rootfs/app/pages/help.md', true],
    ['tiny/rootfs/.profile', true],
    ['tiny/rootfs/icon.png', true],
    ['tiny/src/docs/x', true],
    ['tiny/src/translations/en.yaml', true],
    ['tiny', true],
    ['tiny/README.md', false],
    ['tiny/CHANGELOG.md', false],
    ['tiny/DOCS.MD', false],
    ['tiny/src/notes.md', false],
    ['tiny/icon.png', false],
    ['tiny/logo.png', false],
    ['tiny/translations/en.yaml', false],
    ['tiny/docs/screen.png', false],
    ['tiny/.github/workflows/build.yaml', false],
    ['tiny/.aicleaner/share/x', false],
    ['tiny/.gitignore', false],
    ['tinyer/Dockerfile', false],
    ['other/tiny/Dockerfile', false],
    ['Dockerfile', false],
    ['README.md', false],
    ['', false],
  ])('%s counts: %s', (file, counts) => {
    expect(changesDevice(paths(), [file], nothing)).toBe(counts)
    expect(changesDevice(paths(), ['other/x', file, 'tiny/README.md'], nothing)).toBe(counts)
  })

  test('counts in a file that the input "file" names, whatever its name is', () => {
    const named = paths({ dockerfiles: ['tiny/images/x.md', 'images/x.md'] })
    expect(changesDevice(named, ['images/x.md'], nothing)).toBe(true)
    expect(changesDevice(named, ['images/y'], nothing)).toBe(false)
  })

  test('counts in a folder of "build-contexts", except for documents', () => {
    const shared = paths({ contexts: ['common', 'docker-image://x/y'] })
    expect(changesDevice(shared, ['common/lib.sh'], nothing)).toBe(true)
    expect(changesDevice(shared, ['common/README.md'], nothing)).toBe(false)
    expect(changesDevice(shared, ['commons/lib.sh'], nothing)).toBe(false)
    expect(changesDevice(shared, ['common/lib.sh'], () => true)).toBe(true)
  })

  test('does not count in what the build context leaves out, but in what is read from the folder itself', () => {
    const excluded: string[] = []
    const isExcluded = (path: string): boolean => {
      excluded.push(path)
      return path.startsWith('tests/')
    }
    expect(changesDevice(paths(), ['tiny/tests/test.py', 'tiny/docs/x'], isExcluded)).toBe(false)
    expect(changesDevice(paths(), ['tiny/tests/test.py', 'tiny/run.sh'], isExcluded)).toBe(true)
    expect(excluded).toEqual(['tests/test.py', 'tests/test.py', 'run.sh'])
    for (const name of ['config.json', 'build.yml', 'apparmor.txt', 'Dockerfile', 'Dockerfile.armv7', '.dockerignore'])
      expect([name, changesDevice(paths(), [`tiny/${name}`], () => true)]).toEqual([name, true])
    for (const name of ['run.sh', 'src/config.yaml', 'src/Dockerfile', 'config.yaml.orig'])
      expect([name, changesDevice(paths(), [`tiny/${name}`], () => true)]).toEqual([name, false])
  })
})

describe('a change of an add-on in the root', () => {
  test.each<[file: string, counts: boolean]>([
    ['Dockerfile', true],
    ['src/app.py', true],
    ['.dockerignore', true],
    ['README.md', false],
    ['.github/workflows/build.yaml', false],
    ['.vscode/settings.json', false],
    ['.gitattributes', false],
    ['docs/index.html', false],
  ])('%s counts: %s', (file, counts) => {
    expect(changesDevice(paths({ folder: '.' }), [file], nothing)).toBe(counts)
  })
})
