import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { dashboard, read, seriesIn } from './monitoring.ts'

describe('seriesIn', () => {
  test.each([
    ['up', ['up']],
    ['sum by (le) (rate(a_bucket{route!~"b|c"}[5m]))', ['a_bucket']],
    ['min(a) or vector(0)', ['a']],
    ['a{x="rate(b)"} / on (x) c > 0.05', ['a', 'c']],
  ])('finds the series in %s', (expression, expected) => {
    expect(seriesIn(expression)).toEqual(expected)
  })
})

describe('The Grafana provisioning', () => {
  const sources = parse(read('monitoring/grafana/provisioning/datasources/prometheus.yml')) as {
    apiVersion: number
    datasources: { uid: string; type: string; url: string; isDefault: boolean }[]
  }
  const providers = parse(read('monitoring/grafana/provisioning/dashboards/aicleaner.yml')) as {
    apiVersion: number
    providers: { type: string; options: { path: string } }[]
  }
  const compose = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, { volumes: string[]; ports: string[] }>
  }

  test('has one data source, with the host name and port of Prometheus in the stack', () => {
    expect(sources.apiVersion).toBe(1)
    expect(sources.datasources).toHaveLength(1)
    const url = new URL(sources.datasources[0]?.url ?? '')
    expect(compose.services[url.hostname]?.ports).toEqual([expect.stringMatching(new RegExp(`:${url.port}$`))])
  })

  test('loads dashboards from the path where the stack mounts them', () => {
    expect(providers.providers[0]?.type).toBe('file')
    expect(compose.services.grafana?.volumes).toContainEqual(
      `./monitoring/grafana/dashboards:${providers.providers[0]?.options.path}:ro`,
    )
    expect(compose.services.grafana?.volumes).toContainEqual(
      './monitoring/grafana/provisioning:/etc/grafana/provisioning:ro',
    )
  })

  test('every panel uses that data source, overlaps no other panel and has a unique ID', () => {
    const { panels } = dashboard() as unknown as {
      panels: {
        id: number
        datasource: { uid: string }
        targets: { datasource: { uid: string } }[]
        gridPos: Record<'x' | 'y' | 'w' | 'h', number>
      }[]
    }
    const uids = panels.flatMap((panel) => [
      panel.datasource.uid,
      ...panel.targets.map((target) => target.datasource.uid),
    ])
    expect(new Set(uids)).toEqual(new Set([sources.datasources[0]?.uid]))
    expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.trunc(cell / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(Math.max(...panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBeLessThanOrEqual(24)
  })

  test('the dashboard shows requests, latency, health and memory', () => {
    const series = dashboard().panels.flatMap((panel) => panel.targets.flatMap((target) => seriesIn(target.expr)))
    for (const name of [
      'aicleaner_http_requests_total',
      'aicleaner_http_request_duration_seconds_bucket',
      'aicleaner_healthy',
      'process_resident_memory_bytes',
    ]) {
      expect(series).toContain(name)
    }
  })
})
