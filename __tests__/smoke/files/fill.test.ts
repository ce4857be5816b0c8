import { expect, test } from '@jest/globals'
import { extract } from 'tar-stream'
import type { ExecOptions, ProcessResult } from '../../../src/core/host.ts'
import { fillFolders } from '../../../src/smoke/files/fill.ts'
import type { FolderFile } from '../../../src/smoke/files/folders.ts'
import { answeredHost } from '../../fixtures/processes.ts'

const spec = { name: 'n', image: 'sha256:1', platform: 'linux/amd64', labels: new Map([['run', 'r']]) }
const folders = [
  { type: 'data', volume: 'v', target: '/data' },
  { type: 'share', volume: 'v-map0', target: '/share' },
  { type: 'homeassistant_config', volume: 'v-map1', target: '/ha', readOnly: true },
]
const file = (folder: FolderFile['folder'], path: string): FolderFile => ({ folder, path, content: path, mode: 0o644 })

/** Fills with a docker that answers `copied` to `docker cp`. */
async function fill(files: readonly FolderFile[], copied: Partial<ProcessResult> = {}) {
  const { host, asked } = answeredHost(([command]) =>
    command === 'create' ? { stdout: `${'a'.repeat(64)}\n` } : command === 'cp' ? copied : {},
  )
  const problem = await fillFolders(spec, folders, files, host).then(
    () => undefined,
    (thrown: Error) => thrown.message,
  )
  return { asked, problem, commands: asked.map(({ args }) => args[0]) }
}

async function namesIn(archive: ExecOptions['input']): Promise<readonly string[]> {
  const reader = extract()
  reader.end(archive)
  const names: string[] = []
  for await (const entry of reader) {
    names.push(entry.header.name)
    entry.resume()
  }
  return names
}

test('without files for a mapped folder, no process starts', async () => {
  expect((await fill([])).commands).toEqual([])
  expect((await fill([file('ssl', 'a.pem')])).commands).toEqual([])
})

test('all files go through one container, which has the volumes writable', async () => {
  const { asked, commands } = await fill([
    file('homeassistant', 'a/b.yaml'),
    file('data', 'c'),
    file('ssl', 'not-mapped'),
  ])
  expect(commands).toEqual(['create', 'cp', 'rm'])
  const mounts = asked[0]?.args.filter((_, index, all) => all[index - 1] === '--mount')
  expect(mounts).toEqual([
    'type=volume,source=v,target=/n-files-0,volume-nocopy,volume-label=run=r',
    'type=volume,source=v-map1,target=/n-files-2,volume-nocopy,volume-label=run=r',
  ])
  expect(await namesIn(asked[1]?.options.input)).toEqual(['n-files-0/c', 'n-files-2/a/b.yaml'])
})

test('a failed copy is told, and leaves no container', async () => {
  const { problem, commands } = await fill([file('data', 'c')], { exitCode: 1, stderr: 'Error: no space' })
  expect(problem).toContain('could not be copied: Error: no space.')
  expect(commands.at(-1)).toBe('rm')
})
