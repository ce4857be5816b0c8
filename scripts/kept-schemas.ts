// Makes the schemas that the tests keep of two packages, which are too large to install for a few files:
// - __tests__/fakes/github/fixtures/: what `routes.ts` needs of GitHub's OpenAPI descriptions;
// - __tests__/audit/fixtures/: the JSON schema of SARIF 2.1.0, unchanged.
// Run it after a change to `routes.ts`, or with a newer version below: node scripts/kept-schemas.ts (Node 24)
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type OpenApi, reduce } from '../__tests__/fakes/github/reduce.ts'
import { routes } from '../__tests__/fakes/github/routes.ts'

const root = resolve(import.meta.dirname, '..')
const octokit = {
  package: '@octokit/openapi',
  version: '23.0.2',
  licence: 'MIT, Copyright (c) 2020 Octokit contributors',
}
const sarif = { package: '@microsoft/jest-sarif', version: '1.0.0-beta.0' }

/** Unpacks a package below `folder`, without installing it. */
function unpack(folder: string, { package: name, version }: { readonly package: string; readonly version: string }) {
  const options = { cwd: folder, encoding: 'utf8' } as const
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', `${name}@${version}`], options))
  const target = mkdtempSync(join(folder, 'package-'))
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', target, '--strip-components=1'])
  return target
}

const folder = mkdtempSync(join(tmpdir(), 'aicleaner-schemas-'))
try {
  const descriptions = join(unpack(folder, octokit), 'generated')
  for (const name of ['api.github.com', 'ghes-3.19']) {
    const whole: OpenApi = JSON.parse(readFileSync(join(descriptions, `${name}.json`), 'utf8'))
    const kept = { source: { ...octokit, file: `generated/${name}.json` }, ...reduce(whole, Object.keys(routes)) }
    writeFileSync(join(root, `__tests__/fakes/github/fixtures/${name}.json`), `${JSON.stringify(kept)}\n`)
  }
  const schema = 'sarif-2.1.0-rtm.5.json'
  copyFileSync(join(unpack(folder, sarif), 'lib/schemas', schema), join(root, '__tests__/audit/fixtures', schema))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
