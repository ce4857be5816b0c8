import type { RunConfig } from '../../addon/addon.ts'
import type { Options } from '../../inputs/options.ts'
import type { ImageFacts } from '../container/image.ts'
import { seconds } from '../exit.ts'
import type { Headers, Scheme } from './probe.ts'

/** One way to know that an add-on works. `must: false`: inferred, so its absence is a warning. */
export type Signal = { readonly title: string; readonly must: boolean } & (
  | { readonly kind: 'healthcheck' }
  | { readonly kind: 'command'; readonly command: string }
  | {
      readonly kind: 'http'
      readonly scheme: Scheme
      readonly port: number
      readonly path: string
      /** Statuses below it count; an ingress port may answer some others besides. */
      readonly below: number
      /** What Home Assistant adds to a request of its frontend. */
      readonly ingress?: Headers
    }
  | { readonly kind: 'tcp'; readonly ports: readonly number[] }
  | { readonly kind: 'stays-up'; readonly ms: number }
  | { readonly kind: 'ends' }
)

type Asked = Pick<Options, 'smokeHttp' | 'smokeCommand'>

/**
 * The strongest signal there is: HEALTHCHECK and what the user asked for, all of them; else the first of `watchdog`, `webui`, the ingress port,
 * the ports; else that it stays up. An add-on with `startup: once` is ready when it has ended with 0.
 * @param staysUpMs how long "stays up" is on this machine, for this architecture.
 * @param ingressPort the one that was chosen where config.yaml says 0.
 */
export function chooseSignals(
  run: RunConfig,
  image: Pick<ImageFacts, 'healthcheck'>,
  asked: Asked,
  staysUpMs: number,
  ingressPort: number = run.ingressPort,
  slug = 'self',
): readonly Signal[] {
  if (run.startup === 'once') return [{ kind: 'ends', title: 'ends with exit code 0 (startup: once)', must: true }]
  const explicit: Signal[] = []
  if (image.healthcheck) explicit.push({ kind: 'healthcheck', title: 'HEALTHCHECK', must: true })
  if (asked.smokeHttp) {
    const { port, path } = asked.smokeHttp
    const title = `smoke-http ${port}${path}`
    explicit.push({ kind: 'http', title, must: true, scheme: 'http', port, path: rooted(path), below: 400 })
  }
  if (asked.smokeCommand !== undefined) {
    explicit.push({ kind: 'command', title: 'smoke-command', must: true, command: asked.smokeCommand })
  }
  if (explicit.length > 0) return explicit
  return [
    fromWatchdog(run) ?? fromWebui(run) ?? fromIngress(run, ingressPort, slug) ?? fromPorts(run) ?? staysUp(staysUpMs),
  ]
}

export const staysUp = (ms: number): Signal => ({
  kind: 'stays-up',
  title: `stays up for ${seconds(ms)}`,
  must: true,
  ms,
})

/** Source: Supervisor apps/app.py, RE_WATCHDOG and watchdog_application: ok is a status below 300 after redirects, or an open port for `tcp`. */
function fromWatchdog({ watchdog, options }: RunConfig): Signal | undefined {
  const match = watchdog?.match(/^(?:(https?|tcp)|\[PROTO:(\w+)\]):\/\/\[HOST\]:(?:\[PORT:)?(\d+)(?!\d)\]?(.*)/)
  if (!match) return undefined
  const [, fixed, option, port, path] = match
  if (!isPort(Number(port))) return undefined
  const title = `watchdog ${watchdog}`
  if (fixed === 'tcp') return { kind: 'tcp', title, must: true, ports: [Number(port)] }
  const scheme = fixed === 'https' || (option && options[option] === true) ? 'https' : 'http'
  return { kind: 'http', title, must: true, scheme, port: Number(port), path: rooted(path), below: 400 }
}

/** Source: Supervisor apps/app.py, RE_WEBUI. */
function fromWebui({ webui, options }: RunConfig): Signal | undefined {
  const match = webui?.match(/^(?:(https?)|\[PROTO:(\w+)\]):\/\/\[HOST\]:\[PORT:(\d+)\](.*)$/)
  if (!match) return undefined
  const [, fixed, option, port, path] = match
  if (!isPort(Number(port))) return undefined
  const scheme = fixed === 'https' || (option && options[option] === true) ? 'https' : 'http'
  // Any answer below 500: a login page or a redirect to one is how a web interface greets.
  return {
    kind: 'http',
    title: `webui ${webui}`,
    must: false,
    scheme,
    port: Number(port),
    path: rooted(path),
    below: 500,
  }
}

/** Where Home Assistant shows the add-on; the real one has a token in the place of the slug. */
export const ingressPath = (slug: string): string => `/api/hassio_ingress/${encodeURIComponent(slug.toWellFormed())}`

function fromIngress({ ingress, ingressEntry }: RunConfig, port: number, slug: string): Signal | undefined {
  if (!ingress) return undefined
  const path = rooted(ingressEntry)
  return {
    kind: 'http',
    title: `ingress port ${port}`,
    must: true,
    scheme: 'http',
    port,
    path,
    below: 400,
    // Many an add-on takes its base path from it, and some answer nobody who does not send it.
    ingress: { 'x-ingress-path': ingressPath(slug), 'x-hass-source': 'core.ingress' },
  }
}

/** Each is tried twice a second. */
const mostPorts = 32

function fromPorts({ ports }: RunConfig): Signal | undefined {
  const all = [...ports.keys()].flatMap((name) => {
    const [port, protocol = 'tcp'] = name.split('/')
    return protocol === 'tcp' && Number(port) > 0 ? [Number(port)] : []
  })
  const tcp = all.slice(0, mostPorts)
  return tcp.length > 0 ? { kind: 'tcp', title: `port ${tcp.join(' or ')}`, must: false, ports: tcp } : undefined
}

/** A path as it can be sent: Node refuses a request with a space, a control character or one beyond Latin-1 in it. */
const rooted = (path: string | undefined): string =>
  `/${(path ?? '')
    .replace(/^\/+/, '')
    .toWellFormed()
    .replace(/[^!-~]/gu, encodeURIComponent)}`

/** A pattern of the Supervisor takes any number for a port. */
const isPort = (port: number): boolean => port >= 1 && port <= 65_535
