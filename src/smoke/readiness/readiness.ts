import type { RunConfig } from '../../addon/addon.ts'
import { formatDuration } from '../../core/duration.ts'
import type { Options } from '../../inputs/options.ts'
import type { ImageFacts } from '../container/image.ts'
import type { Headers, Scheme } from './probe.ts'

/** A sign that an add-on works. `required: false`: inferred, so it is a warning if it is missing. */
export type ReadinessSignal = { readonly title: string; readonly required: boolean } & (
  | { readonly kind: 'healthcheck' }
  | { readonly kind: 'command'; readonly command: string }
  | {
      readonly kind: 'http'
      readonly scheme: Scheme
      readonly port: number
      readonly path: string
      /** Statuses below it count; on an ingress port some others count, too. */
      readonly statusBelow: number
      /** The headers that Home Assistant adds to an ingress request. */
      readonly ingress?: Headers
    }
  | { readonly kind: 'tcp'; readonly ports: readonly number[] }
  /** `mayEnd`: to end with exit code 0 is as good. */
  | { readonly kind: 'stays-up'; readonly ms: number; readonly mayEnd?: true }
  | { readonly kind: 'ends' }
)

type ReadinessInputs = Pick<Options, 'smokeHttp' | 'smokeCommand'>

interface ReadinessSettings {
  /** How long an add-on must stay up if there is no other signal. */
  readonly staysUpMs: number
  /** The chosen port if `ingress_port` is 0. */
  readonly ingressPort?: number
  readonly slug?: string
}

/**
 * The strongest signals: HEALTHCHECK and the signals in inputs, all of them; otherwise the first of `watchdog`, `webui`, the ingress port and the
 * ports; otherwise that it stays up. An add-on with `startup: once` is ready when it has ended with exit code 0.
 */
export function chooseReadinessSignals(
  run: RunConfig,
  image: Pick<ImageFacts, 'healthcheck'>,
  inputs: ReadinessInputs,
  { staysUpMs, ingressPort = run.ingressPort, slug = 'self' }: ReadinessSettings,
): readonly ReadinessSignal[] {
  if (run.startup === 'once') return [{ kind: 'ends', title: 'ends with exit code 0 (startup: once)', required: true }]
  const explicit: ReadinessSignal[] = []
  if (image.healthcheck) explicit.push({ kind: 'healthcheck', title: 'HEALTHCHECK', required: true })
  if (inputs.smokeHttp) {
    const { port, path } = inputs.smokeHttp
    const title = `smoke-http ${port}${path}`
    explicit.push({ kind: 'http', title, required: true, scheme: 'http', port, path: rooted(path), statusBelow: 400 })
  }
  if (inputs.smokeCommand !== undefined) {
    explicit.push({ kind: 'command', title: 'smoke-command', required: true, command: inputs.smokeCommand })
  }
  if (explicit.length > 0) return explicit
  return [
    fromWatchdog(run) ??
      fromWebui(run) ??
      fromIngress(run, ingressPort, slug) ??
      fromPorts(run) ??
      fromStaying(run, staysUpMs),
  ]
}

/** An add-on that only a user starts, and that serves nothing, may run a task and end. */
const fromStaying = ({ boot, ports }: RunConfig, ms: number): ReadinessSignal => ({
  ...staysUp(ms),
  ...(boot === 'manual' && ports.size === 0 && { mayEnd: true }),
})

export const staysUp = (ms: number): ReadinessSignal => ({
  kind: 'stays-up',
  title: `stays up for ${formatDuration(ms)}`,
  required: true,
  ms,
})

/** Source: Supervisor apps/app.py, RE_WATCHDOG and watchdog_application: ok is a status below 300 after redirects, or an open port for `tcp`. */
function fromWatchdog({ watchdog, options }: RunConfig): ReadinessSignal | undefined {
  const groups = watchdog?.match(
    /^(?:(?<fixed>https?|tcp)|\[PROTO:(?<option>\w+)\]):\/\/\[HOST\]:(?:\[PORT:)?(?<port>\d+)(?!\d)\]?(?<path>.*)/,
  )?.groups
  if (!groups || !isPort(Number(groups.port))) return undefined
  const title = `watchdog ${watchdog}`
  return groups.fixed === 'tcp'
    ? { kind: 'tcp', title, required: true, ports: [Number(groups.port)] }
    : { kind: 'http', title, required: true, ...addressOf(groups, options), statusBelow: 400 }
}

/** Source: Supervisor apps/app.py, RE_WEBUI. */
function fromWebui({ webui, options }: RunConfig): ReadinessSignal | undefined {
  const groups = webui?.match(
    /^(?:(?<fixed>https?)|\[PROTO:(?<option>\w+)\]):\/\/\[HOST\]:\[PORT:(?<port>\d+)\](?<path>.*)$/,
  )?.groups
  if (!groups || !isPort(Number(groups.port))) return undefined
  // Any status below 500: many web interfaces respond with a login page or a redirect to one.
  return { kind: 'http', title: `webui ${webui}`, required: false, ...addressOf(groups, options), statusBelow: 500 }
}

/** `[PROTO:name]` is https if that option is true. */
const addressOf = (
  { fixed, option, port, path }: Readonly<Record<string, string | undefined>>,
  options: RunConfig['options'],
): { readonly scheme: Scheme; readonly port: number; readonly path: string } => ({
  scheme: fixed === 'https' || (option && options[option] === true) ? 'https' : 'http',
  port: Number(port),
  path: rooted(path),
})

/** The path at which Home Assistant serves the add-on. The real one has a token instead of the slug. */
export const ingressPath = (slug: string): string => `/api/hassio_ingress/${encodeURIComponent(slug.toWellFormed())}`

function fromIngress({ ingress, ingressEntry }: RunConfig, port: number, slug: string): ReadinessSignal | undefined {
  if (!ingress) return undefined
  return {
    kind: 'http',
    title: `ingress port ${port}`,
    required: true,
    scheme: 'http',
    port,
    path: rooted(ingressEntry),
    statusBelow: 400,
    // Many add-ons take their base path from it, and some refuse requests without it.
    ingress: { 'x-ingress-path': ingressPath(slug), 'x-hass-source': 'core.ingress' },
  }
}

/** Maximum ports that are probed: each is probed twice a second. */
const maxPorts = 32

function fromPorts({ ports }: RunConfig): ReadinessSignal | undefined {
  const all = [...ports.keys()].flatMap((name) => {
    const [port, protocol = 'tcp'] = name.split('/')
    return protocol === 'tcp' && Number(port) > 0 ? [Number(port)] : []
  })
  const tcp = all.slice(0, maxPorts)
  return tcp.length > 0 ? { kind: 'tcp', title: `port ${tcp.join(' or ')}`, required: false, ports: tcp } : undefined
}

/** The path with a leading slash, encoded: Node refuses spaces, control characters and characters beyond Latin-1. */
const rooted = (path: string | undefined): string =>
  `/${(path ?? '')
    .replace(/^\/+/, '')
    .toWellFormed()
    .replace(/[^!-~]/gu, encodeURIComponent)}`

/** The Supervisor's patterns accept any number as a port. */
const isPort = (port: number): boolean => port >= 1 && port <= 65_535
