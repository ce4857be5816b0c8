import { outputsOf } from '../../src/report/outputs.ts'
import { sizeTable } from '../../src/report/size-table.ts'
import { addon, report, target } from './reports.ts'
import { situations } from './situations.ts'

const ofUser = (name: string) =>
  report([addon([target('amd64', { image: `docker.io/${name}/amd64-aicleaner` }), target('armv7')])])

test.each(Object.entries(situations))('images without names have all else that images have: %s', (_, make) => {
  const outputs = outputsOf(make())
  const images = JSON.parse(outputs.get('images') ?? '') as { image?: string }[]
  expect(images.map(({ image }) => image)).not.toContain(undefined)
  for (const each of images) delete each.image
  expect(JSON.parse(outputs.get('images-without-names') ?? '')).toEqual(images)
})

test('no output but images has a name of an image', () => {
  const made = ofUser('octo-on-hub')
  const named = [...outputsOf(made), ['size-table', sizeTable(made)] as const].filter(([, value]) =>
    value.includes('octo-on-hub'),
  )
  expect(named.map(([name]) => name)).toEqual(['images'])
})
