import { dirname, join, sep } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { localName } from '../../src/build/build.ts'
import { imagePart, pathPart, targetFolder } from '../../src/plan/target-names.ts'
import { resultFileName } from '../../src/report/model/result-file.ts'
import { anyText } from '../fixtures/any-text.ts'
import { target } from '../fixtures/target.ts'

const slug = fc.oneof(
  fc.constantFrom(
    '.',
    '..',
    '...',
    '-',
    '_',
    '--rm',
    'a..b',
    '.git',
    'A.B',
    '../x',
    '/etc',
    'a/../..',
    'a'.repeat(300),
  ),
  fc.string({ unit: fc.constantFrom(...'.-_/aB1'), minLength: 1, maxLength: 12 }),
  anyText({ minLength: 1 }),
)

describe('names of files and images', () => {
  test.each([
    ['my_addon', 'my_addon', 'my_addon'],
    ['My-Add.on', 'My-Add.on', 'my-add.on'],
    ['12', '12', '12'],
  ])('the slug %s stays as it is', (text, path, image) => {
    expect([pathPart(text), imagePart(text)]).toEqual([path, image])
  })

  test('stay in the folder of the run for any slug', () => {
    fc.assert(
      fc.property(slug, (addon) => {
        const one = target({ addon })
        const folder = targetFolder('/tmp/run', one)
        expect(folder.split(sep).slice(0, 4)).toEqual(['', 'tmp', 'run', 'targets'])
        expect(dirname(dirname(folder))).toBe('/tmp/run/targets')
        expect(dirname(join('/out', resultFileName(one)))).toBe('/out')
        for (const name of [pathPart(addon), resultFileName(one)]) {
          expect(name).toMatch(/^[\w-][\w.-]*$/)
          expect(name.length).toBeLessThan(100)
        }
      }),
    )
  })

  test('are valid for docker for any slug', () => {
    fc.assert(
      fc.property(slug, (addon) => {
        expect(imagePart(addon)).toMatch(/^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/)
        expect(localName(target({ addon }), 'r1')).toMatch(/^aicleaner-build\.invalid\/\S{1,80}:aarch64-r1$/)
      }),
    )
  })

  test('differ if slugs differ', () => {
    fc.assert(
      fc.property(slug, slug, (one, other) => {
        if (one !== other) expect(pathPart(one)).not.toBe(pathPart(other))
        if (one.toLowerCase() !== other.toLowerCase()) expect(imagePart(one)).not.toBe(imagePart(other))
      }),
    )
  })
})
