import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, jest, test } from '@jest/globals'
import { readRegistry } from '../e2e/registry.ts'
import { readFacts } from '../environment/facts.ts'
import { startRegistryProxy } from '../fakes/registry-proxy/registry-proxy.ts'
import { watchCommandLines } from './command-lines.ts'
import { anyRepository, finish, startFault } from './fault-job.ts'

jest.setTimeout(300_000)

const { registry = '' } = readFacts()
const secret = () => `s3cret-${randomBytes(12).toString('hex')}`

test('secrets of the build and the password are in no command line, log, report, output, layer or history, with step debugging too', async () => {
  const secrets = { value: secret(), variable: secret(), file: secret(), password: secret() }
  const proxy = await startRegistryProxy({
    target: `http://${registry}`,
    access: { scheme: 'basic', accounts: [{ username: 'writer', password: secrets.password }] },
  })
  const repository = anyRepository()
  const watch = watchCommandLines()
  try {
    const mounts = ['VALUE', 'VARIABLE', 'FILE'].map((id) => `--mount=type=secret,id=${id}`).join(' ')
    const job = await startFault({
      registry: proxy.host,
      repository,
      debug: true,
      // A build that is careless enough to print what it was given, and stays long enough to be looked at; no cache has it.
      addon: {
        build: `RUN ${mounts} : ${randomBytes(6).toString('hex')}; sleep 1; for id in VALUE VARIABLE FILE; do echo "has $(cat /run/secrets/$id)"; done`,
      },
      inputs: {
        username: 'writer',
        password: secrets.password,
        secrets: `VALUE=${secrets.value}\nid=VARIABLE,env=MY_VARIABLE\nid=FILE,src=token.txt`,
        'smoke-checks': 'restart=off\nread-only=off\ncapabilities=off\nnetwork=off',
      },
      environment: { MY_VARIABLE: secrets.variable },
      more: { 'token.txt': `${secrets.file}\n` },
    })
    const result = await job.main().done
    if (result.exitCode !== 0) throw new Error(result.log)
    const commandLines = await watch.stop()
    // It did look at the right time, and the build did get them.
    expect(commandLines).toContain('id=VALUE')
    expect(result.log.match(/has \*\*\*/g)).toHaveLength(3)

    const report = join(job.temporary, 'aicleaner-build')
    const files = await Promise.all((await readdir(report)).map((name) => readFile(join(report, name), 'utf8')))
    expect(files.length).toBeGreaterThanOrEqual(3)
    const reader = readRegistry(registry)
    const name = `${registry}/${repository}/amd64-tiny:1.2.3`
    const { json } = await reader.manifest(name)
    const config = JSON.stringify(await reader.json(name, json.config.digest))
    const layers = await Promise.all(
      json.layers.map(async ({ digest }: { digest: string }) => {
        const answer = await fetch(`http://${registry}/v2/${repository}/amd64-tiny/blobs/${digest}`)
        return gunzipSync(Buffer.from(await answer.arrayBuffer())).toString('latin1')
      }),
    )
    const { outputs, summary, state, env } = result
    const places = {
      'command lines': commandLines,
      report: files.join('\n'),
      'outputs, summary and state': JSON.stringify([outputs, summary, state, env]),
      'history and configuration': config + JSON.stringify(json),
      layers: layers.join('\n'),
      log: result.log,
    }
    const login = Buffer.from(`writer:${secrets.password}`).toString('base64')
    for (const [what, text] of Object.entries({ ...secrets, login })) {
      for (const [place, content] of Object.entries(places)) {
        expect([what, place, content.includes(text)]).toEqual([what, place, false])
      }
      expect([what, result.leaksOf(text)]).toEqual([what, []])
    }
    await finish(job, result)
  } finally {
    await watch.stop()
    await proxy.close()
  }
})
