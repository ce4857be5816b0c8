import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { describeWith } from '../environment/describe-with.ts'
import { dockerOf, eventually, reference } from './docker.ts'
import { asPrometheusTakesIt, dashboard, read, seriesOf } from './monitoring.ts'
import { healths, notStarted, type Stack, startStack } from './stack.ts'
import { type Ask, ask } from './web.ts'

interface Series {
  readonly metric: Record<string, string>
  readonly value: readonly [number, string]
}

describeWith(['engine', 'bases'], `The base stack (${notStarted})`, (facts) => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack(facts, 'base')
  }, 600_000)
  afterAll(() => stack?.remove(), 600_000)

  const service = async (path: string, options: Ask = {}) =>
    ask(`http://${await stack.address('aicleaner', 8000)}${path}`, options)
  const prometheus = async (path: string) =>
    (await ask(`http://${await stack.address('prometheus', 9090)}/api/v1/${path}`)).json()
  const query = async (expression: string) => {
    const answer = await prometheus(`query?query=${encodeURIComponent(expression)}`)
    if (answer.status !== 'success') throw new Error(`${expression}: ${String(answer.error)}`)
    return (answer.data as { result: Series[] }).result
  }
  const exported = async () => {
    const text = (await service('/metrics')).text
    return new Set([...text.matchAll(/^([a-z_]\w*)[ {]/gm)].map(([, name]) => name))
  }

  test('is up with every service healthy', async () => {
    expect(await healths(stack)).toEqual(['aicleaner healthy', 'prometheus healthy', 'redis healthy'])
    expect((await service('/api/health')).json()).toMatchObject({
      status: 'ok',
      store: 'redis',
      journal: 'file',
      version: '3.0.0',
    })
  })

  test('the real Prometheus scrapes the service', async () => {
    await eventually(async () => {
      expect(await query('up{job="aicleaner"}')).toMatchObject([{ value: [expect.any(Number), '1'] }])
      expect(await query('aicleaner_build_info')).toMatchObject([{ metric: { version: '3.0.0' } }])
    })
  }, 600_000)

  test('the real Prometheus has loaded every alert, and none fires', async () => {
    const { groups } = parse(read('monitoring/prometheus/alerts.yml')) as { groups: { rules: { alert: string }[] }[] }
    const loaded = (await prometheus('rules')).data as {
      groups: { rules: { name: string; health: string; state: string }[] }[]
    }
    const rules = loaded.groups.flatMap((group) => group.rules)
    expect(rules.map((rule) => rule.name)).toEqual(groups.flatMap((group) => group.rules.map((rule) => rule.alert)))
    expect(rules.filter((rule) => rule.health === 'err' || rule.state === 'firing')).toEqual([])
  })

  test('every query of the dashboard is valid PromQL over series that the service exports', async () => {
    const names = await exported()
    const queries = dashboard().panels.flatMap((panel) => panel.targets.map((target) => target.expr))
    expect(queries.length).toBeGreaterThan(15)
    for (const expression of queries) {
      await expect(query(asPrometheusTakesIt(expression))).resolves.toBeInstanceOf(Array)
      const unknown = seriesOf(asPrometheusTakesIt(expression)).filter((name) => !names.has(name))
      expect([expression, unknown]).toEqual([expression, []])
    }
  })

  test('every alert asks for series that exist', async () => {
    const names = new Set([...(await exported()), 'up'])
    const { groups } = parse(read('monitoring/prometheus/alerts.yml')) as { groups: { rules: { expr: string }[] }[] }
    const unknown = groups
      .flatMap((group) => group.rules.flatMap((rule) => seriesOf(rule.expr)))
      .filter((name) => !names.has(name))
    expect(unknown).toEqual([])
  })

  test('a broken query would be noticed', async () => {
    await expect(query('sum by (rate(')).rejects.toThrow('parse error')
  })

  test('what was recorded is kept over a restart, and over a new container', async () => {
    expect((await service('/api/zones/kitchen')).json()).toMatchObject({ due: true })
    expect((await service('/api/zones/kitchen/cleaned', { body: {} })).status).toBe(201)
    await stack.compose('restart', '--timeout', '10', 'aicleaner')
    await eventually(async () => expect((await service('/api/zones/kitchen')).json()).toMatchObject({ due: false }))
    await stack.compose('up', '--detach', '--no-build', '--force-recreate', '--no-deps', '--wait', 'aicleaner')
    expect((await service('/api/zones/kitchen')).json()).toMatchObject({ due: false })
  }, 600_000)

  test('the unit tests of the service pass in the image that is published, against the real Redis', async () => {
    const { stderr, code } = await dockerOf(facts).try(
      ...['run', '--rm', '--init', '--network', stack.network, '--volume', `${join(reference, 'tests')}:/app/tests:ro`],
      ...['--env', 'TEST_REDIS_URL=redis://redis:6379/1', '--entrypoint', '/opt/aicleaner/bin/python', stack.image],
      ...['-m', 'unittest', 'discover', '--top-level-directory', '/app', '--start-directory', '/app/tests'],
    )
    expect([code, stderr]).toEqual([0, expect.stringMatching(/Ran \d{2,} tests.*\nOK\n$/s)])
  }, 600_000)

  /** One container for all of them: `command` of promtool is run in each folder. Gives the exit codes and what was written. */
  const promtool = async (folders: readonly string[], command: string) => {
    const script = `for folder in /rules/*; do cd "$folder" && promtool ${command} 2>&1; echo "exit code $?"; done`
    const volumes = folders.map((folder, index) => `--volume=${folder}:/rules/${index}:ro`)
    const output = await dockerOf(facts)(
      ...['run', '--rm', '--network=none', ...volumes, '--entrypoint', 'sh', stack.standIns, '-c', script],
    )
    return [...output.matchAll(/(.*?)exit code (\d+)/gs)].map(([, text = '', code]) => ({ text, code: Number(code) }))
  }

  test('promtool finds the configuration and the alerts in order', async () => {
    // The configuration names the alerts by the path that they have in the container.
    const { code, stdout } = await dockerOf(facts).try(
      ...['exec', stack.container('prometheus'), 'promtool', 'check', 'config', '/etc/prometheus/prometheus.yml'],
    )
    expect([code, stdout]).toEqual([0, expect.stringContaining('6 rules found')])
  }, 600_000)

  test('every alert passes its unit tests, which notice when a rule changes', async () => {
    const alerts = read('monitoring/prometheus/alerts.yml')
    const tested = read('monitoring/prometheus/tests/alerts.test.yml')
    for (const [, name] of alerts.matchAll(/- alert: (\w+)/g)) expect(tested).toContain(`alertname: ${name}`)
    const changes = [{ from: '', to: '' }, ...mutations]
    const folders = changes.map(({ from, to }, index) => {
      const folder = join(stack.folder, `rules-${index}`)
      cpSync(join(reference, 'monitoring/prometheus'), folder, { recursive: true })
      const changed = alerts.replace(from, to)
      expect(changed === alerts).toBe(index === 0)
      writeFileSync(join(folder, 'alerts.yml'), changed)
      return folder
    })
    const answers = await promtool(folders, 'test rules tests/alerts.test.yml')
    expect(answers.map(({ code }) => code)).toEqual([0, ...mutations.map(() => 1)])
    expect(answers.map(({ text }) => text.includes('FAILED'))).toEqual([false, ...mutations.map(() => true)])
  }, 600_000)
})

/** A change of each alert that its unit tests must notice. */
const mutations = [
  { from: '"aicleaner"} == 0 or absent', to: '"aicleaner"} == 0 and absent' },
  { from: '[15m]) > 2', to: '[15m]) > 1' },
  { from: '> 0.05', to: '> 0.005' },
  { from: '{route!~"/api/health|/metrics"}', to: '' },
  { from: 'aicleaner_store_configured == 1 and ', to: '' },
  { from: '150 * 1024', to: '250 * 1024' },
]
