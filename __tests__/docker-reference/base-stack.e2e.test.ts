import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { describeWith } from '../environment/describe-with.ts'
import { dockerOf, eventually, reference } from './docker.ts'
import { dashboard, expandVariables, read, seriesIn } from './monitoring.ts'
import { type Stack, serviceHealth, startStack, withoutGrafana } from './stack.ts'
import { type RequestOptions, request } from './web.ts'

interface Series {
  readonly metric: Record<string, string>
  readonly value: readonly [number, string]
}

describeWith(['engine', 'bases'], `The base stack (${withoutGrafana})`, (facts) => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack(facts, 'base')
  }, 600_000)
  afterAll(() => stack?.remove(), 600_000)

  const service = async (path: string, options: RequestOptions = {}) =>
    request(`http://${await stack.address('aicleaner', 8000)}${path}`, options)
  const prometheus = async (path: string) =>
    (await request(`http://${await stack.address('prometheus', 9090)}/api/v1/${path}`)).json()
  const query = async (expression: string) => {
    const response = await prometheus(`query?query=${encodeURIComponent(expression)}`)
    if (response.status !== 'success') throw new Error(`${expression}: ${String(response.error)}`)
    return (response.data as { result: Series[] }).result
  }
  const exported = async () => {
    const text = (await service('/metrics')).text
    return new Set([...text.matchAll(/^([a-z_]\w*)[ {]/gm)].map(([, name]) => name))
  }

  test('starts with every service healthy', async () => {
    expect(await serviceHealth(stack)).toEqual(['aicleaner healthy', 'prometheus healthy', 'redis healthy'])
    expect((await service('/api/health')).json()).toMatchObject({
      status: 'ok',
      store: 'redis',
      journal: 'file',
      version: '3.0.0',
    })
  })

  test('Prometheus scrapes the service', async () => {
    await eventually(async () => {
      expect(await query('up{job="aicleaner"}')).toMatchObject([{ value: [expect.any(Number), '1'] }])
      expect(await query('aicleaner_build_info')).toMatchObject([{ metric: { version: '3.0.0' } }])
    })
  }, 600_000)

  test('Prometheus loads every alert, and none fires', async () => {
    const { groups } = parse(read('monitoring/prometheus/alerts.yml')) as { groups: { rules: { alert: string }[] }[] }
    const loaded = (await prometheus('rules')).data as {
      groups: { rules: { name: string; health: string; state: string }[] }[]
    }
    const rules = loaded.groups.flatMap((group) => group.rules)
    expect(rules.map((rule) => rule.name)).toEqual(groups.flatMap((group) => group.rules.map((rule) => rule.alert)))
    expect(rules.filter((rule) => rule.health === 'err' || rule.state === 'firing')).toEqual([])
  })

  test('every dashboard query is valid PromQL and uses only series that the service exports', async () => {
    const names = await exported()
    const queries = dashboard().panels.flatMap((panel) => panel.targets.map((target) => target.expr))
    expect(queries.length).toBeGreaterThan(15)
    for (const expression of queries) {
      await expect(query(expandVariables(expression))).resolves.toBeInstanceOf(Array)
      const unknown = seriesIn(expandVariables(expression)).filter((name) => !names.has(name))
      expect([expression, unknown]).toEqual([expression, []])
    }
  })

  test('every alert uses only series that exist', async () => {
    const names = new Set([...(await exported()), 'up'])
    const { groups } = parse(read('monitoring/prometheus/alerts.yml')) as { groups: { rules: { expr: string }[] }[] }
    const unknown = groups
      .flatMap((group) => group.rules.flatMap((rule) => seriesIn(rule.expr)))
      .filter((name) => !names.has(name))
    expect(unknown).toEqual([])
  })

  test('an invalid query fails', async () => {
    await expect(query('sum by (rate(')).rejects.toThrow('parse error')
  })

  test('keeps recorded cleanings across a restart and in a new container', async () => {
    expect((await service('/api/zones/kitchen')).json()).toMatchObject({ due: true })
    expect((await service('/api/zones/kitchen/cleaned', { body: {} })).status).toBe(201)
    await stack.compose('restart', '--timeout', '10', 'aicleaner')
    await eventually(async () => expect((await service('/api/zones/kitchen')).json()).toMatchObject({ due: false }))
    await stack.compose('up', '--detach', '--no-build', '--force-recreate', '--no-deps', '--wait', 'aicleaner')
    expect((await service('/api/zones/kitchen')).json()).toMatchObject({ due: false })
  }, 600_000)

  test('the unit tests of the service pass in the published image, against a real Redis', async () => {
    const { stderr, code } = await dockerOf(facts).try(
      ...['run', '--rm', '--init', '--network', stack.network, '--volume', `${join(reference, 'tests')}:/app/tests:ro`],
      ...['--env', 'TEST_REDIS_URL=redis://redis:6379/1', '--entrypoint', '/opt/aicleaner/bin/python', stack.image],
      ...['-m', 'unittest', 'discover', '--top-level-directory', '/app', '--start-directory', '/app/tests'],
    )
    expect([code, stderr]).toEqual([0, expect.stringMatching(/Ran \d{2,} tests.*\nOK\n$/s)])
  }, 600_000)

  /** Runs a promtool command in each folder, all in one container. Returns the output and exit code for each folder. */
  const promtool = async (folders: readonly string[], command: string) => {
    const script = `for folder in /rules/*; do cd "$folder" && promtool ${command} 2>&1; echo "exit code $?"; done`
    const volumes = folders.map((folder, index) => `--volume=${folder}:/rules/${index}:ro`)
    const output = await dockerOf(facts)(
      ...['run', '--rm', '--network=none', ...volumes, '--entrypoint', 'sh', stack.fakeImage, '-c', script],
    )
    return [...output.matchAll(/(.*?)exit code (\d+)/gs)].map(([, text = '', code]) => ({ text, code: Number(code) }))
  }

  test('promtool accepts the configuration and the alerts', async () => {
    // The configuration refers to the alerts by their path in the container.
    const { code, stdout } = await dockerOf(facts).try(
      ...['exec', stack.container('prometheus'), 'promtool', 'check', 'config', '/etc/prometheus/prometheus.yml'],
    )
    expect([code, stdout]).toEqual([0, expect.stringContaining('6 rules found')])
  }, 600_000)

  test('every alert passes its unit tests, and each changed alert fails them', async () => {
    const alerts = read('monitoring/prometheus/alerts.yml')
    const unitTests = read('monitoring/prometheus/tests/alerts.test.yml')
    for (const [, name] of alerts.matchAll(/- alert: (\w+)/g)) expect(unitTests).toContain(`alertname: ${name}`)
    const changes = [{ from: '', to: '' }, ...mutations]
    const folders = changes.map(({ from, to }, index) => {
      const folder = join(stack.folder, `rules-${index}`)
      cpSync(join(reference, 'monitoring/prometheus'), folder, { recursive: true })
      const changed = alerts.replace(from, to)
      expect(changed === alerts).toBe(index === 0)
      writeFileSync(join(folder, 'alerts.yml'), changed)
      return folder
    })
    const results = await promtool(folders, 'test rules tests/alerts.test.yml')
    expect(results.map(({ code }) => code)).toEqual([0, ...mutations.map(() => 1)])
    expect(results.map(({ text }) => text.includes('FAILED'))).toEqual([false, ...mutations.map(() => true)])
  }, 600_000)
})

/** A change to each alert that its unit tests must detect. */
const mutations = [
  { from: '"aicleaner"} == 0 or absent', to: '"aicleaner"} == 0 and absent' },
  { from: '[15m]) > 2', to: '[15m]) > 1' },
  { from: '> 0.05', to: '> 0.005' },
  { from: '{route!~"/api/health|/metrics"}', to: '' },
  { from: 'aicleaner_store_configured == 1 and ', to: '' },
  { from: '150 * 1024', to: '250 * 1024' },
]
