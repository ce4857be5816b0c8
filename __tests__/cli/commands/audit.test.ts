import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { auditFolder as call } from './call-audit.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aud-command-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function addonWith(dockerfile: string, more: Readonly<Record<string, string>> = {}): void {
  const config = 'name: A\nversion: 1.0.0\nslug: a\ndescription: An add-on\narch: [amd64, aarch64]\ninit: false\n'
  for (const [path, text] of Object.entries({ 'a/config.yaml': config, 'a/Dockerfile': dockerfile, ...more })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

const root = 'FROM base:1.0\nHEALTHCHECK CMD true\n'

test('finds no problem in the reference add-on', async () => {
  const { exitCode, codes, lines } = await call(resolve('.'), 'docker', '--audit', 'fail')
  expect(codes).toEqual([])
  expect(lines.at(-1)).toBe('Audit of 3 images, before a build: no findings.')
  expect(exitCode).toBe(0)
})

test('finds the causes of large images in the add-on before its optimisation', async () => {
  const { exitCode, codes } = await call(resolve('.'), 'docker', '--file', 'Dockerfile.before', '--audit', 'fail')
  expect([...new Set(codes)].sort()).toEqual([
    'audit/dockerfile/cache-order',
    'audit/image/build-tools',
    'audit/image/no-healthcheck',
    'audit/image/package-cache',
    'audit/image/root-user',
  ])
  expect(exitCode).toBe(1)
})

test('reports each finding once for all architectures, and only warns by default', async () => {
  addonWith(root)
  const { exitCode, said } = await call(folder, 'a')
  expect(said).toMatchObject([
    { severity: 'warning', code: 'audit/image/root-user', where: { file: 'a/Dockerfile', line: 1, column: 1 } },
  ])
  expect(exitCode).toBe(0)
})

test.each([
  ['with --audit fail', ['--audit', 'fail'], 1, 1],
  ['not with a rule that is left out', ['--audit', 'fail', '--audit-ignore', 'image/root-user'], 0, 0],
  ['not with the audit off', ['--audit', 'off'], 0, 0],
])('fails %s', async (_, options, exitCode, count) => {
  addonWith(root)
  expect(await call(folder, 'a', ...options)).toMatchObject({ exitCode, codes: { length: count } })
})

test('refuses an unknown rule', async () => {
  addonWith(root)
  const { exitCode, said } = await call(folder, 'a', '--audit-ignore', 'image/rootuser')
  expect(said).toMatchObject([{ code: 'input/unknown-rule', remedy: 'Did you mean "image/root-user"?' }])
  expect(exitCode).toBe(2)
})

test('writes a SARIF file if a report path is given, and no other files', async () => {
  addonWith(root)
  const { temporary } = await call(folder, 'a', '--report-path', 'out')
  const { runs } = JSON.parse(readFileSync(join(folder, 'out', 'report.sarif'), 'utf8'))
  expect(runs[0].results).toMatchObject([
    { ruleId: 'image/root-user', properties: { images: ['a/amd64', 'a/aarch64'] } },
  ])
  expect(existsSync(temporary)).toBe(false)
})

const noBase = 'ARG BUILD_FROM\nFROM $BUILD_FROM\nRUN apk add --no-cache gcc\nHEALTHCHECK CMD true\nUSER nobody\n'

test.each<[string, string, Readonly<Record<string, string>>, string]>([
  ['a base', noBase, {}, 'plan/no-base'],
  ['a base for one architecture', noBase, { 'a/build.yaml': 'build_from: {amd64: "a/b:1"}\n' }, 'plan/no-base'],
  ['an ARG for FROM', noBase.replace('ARG BUILD_FROM\n', ''), {}, 'dockerfile/arg-not-global'],
  ['a base that has a name', noBase.replace('$BUILD_FROM', 'A_b::c'), {}, 'plan/bad-base'],
  [
    'a FROM for more than one platform',
    noBase.replace('FROM $BUILD_FROM', 'FROM --platform=linux/386 a/b:1'),
    {},
    'plan/fixed-platform',
  ],
])('audits an add-on without %s, with one warning', async (_, dockerfile, files, code) => {
  addonWith(dockerfile, files)
  const { exitCode, said, lines } = await call(folder, 'a')
  expect(said.map((one) => `${one.severity} ${one.code}`)).toEqual([
    `warning ${code}`,
    'warning audit/image/build-tools',
  ])
  expect(said[0]?.where?.file).toMatch(/^a\/(?:Dockerfile|build\.yaml)$/)
  expect(lines.at(-1)).toBe('Audit of 2 images, before a build: 1 warning.')
  expect(exitCode).toBe(0)
})

test('fails with --audit fail because of findings, not of errors that affect only a build', async () => {
  addonWith(noBase.replace('RUN apk add --no-cache gcc\n', ''))
  expect(await call(folder, 'a', '--audit', 'fail')).toMatchObject({ exitCode: 0, codes: ['plan/no-base'] })
  addonWith(noBase)
  expect(await call(folder, 'a', '--audit', 'fail')).toMatchObject({ exitCode: 1 })
})

test.each([
  ['a config.yaml that cannot be read', { 'a/config.yaml': 'slug: [' }, [], 'file/invalid-yaml'],
  ['a stage that there is not', {}, ['--stage', 'x'], 'plan/unknown-stage'],
])('still refuses %s', async (_, files, options, code) => {
  addonWith(noBase, files)
  const { exitCode, said } = await call(folder, 'a', ...options)
  expect(said.filter(({ severity }) => severity === 'error').map((one) => one.code)).toEqual([code])
  expect(exitCode).toBe(2)
})
