import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aicleaner-bootstrap-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A project that has nothing installed, and an npm that notes its arguments and fails. */
function bootstrap() {
  const testEnvironment = join(folder, '__tests__', 'environment')
  mkdirSync(testEnvironment, { recursive: true })
  cpSync(resolve(import.meta.dirname, '..', 'bootstrap.mjs'), join(testEnvironment, 'bootstrap.mjs'))
  writeFileSync(join(folder, 'package-lock.json'), '{"packages":{"":{},"node_modules/x":{"version":"1.0.0"}}}')
  const npm = join(folder, 'npm.js')
  const asked = join(folder, 'asked')
  writeFileSync(
    npm,
    `require('node:fs').appendFileSync(${JSON.stringify(asked)}, process.argv[2] + '\\n'); process.exit(7)`,
  )
  const outcome = spawnSync(process.execPath, [join(testEnvironment, 'bootstrap.mjs'), 'never-started.ts'], {
    encoding: 'utf8',
    env: { ...process.env, npm_execpath: npm },
  })
  return { ...outcome, asked: readFileSync(asked, 'utf8') }
}

test('a failure of npm ci is reported, and packages are not installed in another way', () => {
  const { status, stderr, asked } = bootstrap()
  expect(asked).toBe('ci\n')
  expect(status).toBe(1)
  expect(stderr).toMatch(/test environment: npm ci failed \(exit code 7\).*package-lock\.json/)
})
