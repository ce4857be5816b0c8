import type { Fixture, SmokeTrial } from '../smoke-fixture.ts'
import { file } from '../smoke-fixture.ts'

/** An add-on, and what it does on a device. */
export interface AddonCase extends Pick<Fixture, 'base'>, Pick<SmokeTrial, 'options'> {
  readonly name: string
  /** Completes "an add-on that …". */
  readonly title: string
  /** Lines of config.yaml after name, version, slug, description and architectures. */
  readonly config?: string
  /** Lines of its Dockerfile after FROM. */
  readonly lines: readonly string[]
  readonly status: 'passed' | 'failed'
  readonly reason?: RegExp
  /** The checks that warn. Default: none. */
  readonly warnings?: readonly string[]
}

const executable = '#!/command/with-contenv bash\n'

/** What the scripts take from bashio: its lines on stdout, with colors, and its requests. */
const library = file(
  '/usr/lib/addon.sh',
  `exec {LOG_FD}>&1
log() { printf '\\e[%sm[%s] %s: %s\\e[0m\\n' "$1" "$(date +%T)" "$2" "$3" >&"$LOG_FD"; }
info() { log 32 INFO "$*"; }
error() { log 35 ERROR "$*"; }
fatal() { log 31 FATAL "$*"; exit 1; }
option() { jq --raw-output ".$1 // empty" /data/options.json; }
# METHOD PATH [BODY]: prints the data of the answer.
api() {
  local answer status
  answer=$(curl --silent --show-error --write-out '\\n%{http_code}' --request "$1" \\
    --header "Authorization: Bearer $SUPERVISOR_TOKEN" --header 'Content-Type: application/json' \\
    \${3:+--data "$3"} "http://supervisor$2") || return
  status=\${answer##*$'\\n'}
  answer=\${answer%$'\\n'*}
  case $status in
    200) jq --compact-output '.data // .' <<<"$answer" ;;
    401) error 'Unable to authenticate with the API, permission denied'; return 1 ;;
    403) error 'Unable to access the API, forbidden'; return 1 ;;
    *) error "Got unexpected response from the API: $(jq --raw-output .message <<<"$answer")"; return 1 ;;
  esac
}`,
  '644',
)

const script = (path: string, body: string): string => file(path, `${executable}. /usr/lib/addon.sh\nset -e\n${body}`)

/**
 * The finish script of Home Assistant's own add-ons: what fails takes the container down, with its exit code. Only some of them know
 * that SIGTERM is how s6-overlay stops a service.
 */
export const takesDown = (service: string, { knowsSigterm }: { readonly knowsSigterm: boolean }): string =>
  `exitcode=/run/s6-linux-init-container-results/exitcode
info "Service ${service} exited with code $1 (by signal $2)"
if [[ "$1" -eq 256 ]]; then
  ${knowsSigterm ? '[[ "$2" -ne 15 ]] && ' : ''}[[ "$(<$exitcode)" -eq 0 ]] && echo $((128 + $2)) >$exitcode
  [[ "$2" -eq 15 ]] && exec /run/s6/basedir/bin/halt
elif [[ "$1" -ne 0 ]]; then
  [[ "$(<$exitcode)" -eq 0 ]] && echo "$1" >$exitcode
  exec /run/s6/basedir/bin/halt
fi
exit 0`

const s6rc = '/etc/s6-overlay/s6-rc.d'

/** One RUN for everything that a service has besides scripts. */
const declare = (service: string, type: 'longrun' | 'oneshot', after: readonly string[], up = ''): string =>
  `RUN cd ${s6rc} && mkdir -p user/contents.d ${service}/dependencies.d && echo bundle >user/type && echo ${type} >${service}/type && touch user/contents.d/${service} ${after
    .map((one) => `${service}/dependencies.d/${one}`)
    .join(' ')}${up && ` && echo ${up} >${service}/up`}`

/** A service of s6-rc. */
export const longrun = (
  name: string,
  run: string,
  {
    after = ['base'],
    finish = takesDown(name, { knowsSigterm: true }),
  }: { after?: readonly string[]; finish?: string } = {},
): readonly string[] => [
  declare(name, 'longrun', after),
  script(`${s6rc}/${name}/run`, run),
  ...(finish ? [script(`${s6rc}/${name}/finish`, finish)] : []),
]

/** A program of s6-rc that runs once, before the services. */
export const oneshot = (name: string, run: string): readonly string[] => [
  declare(name, 'oneshot', ['base'], `${s6rc}/${name}/run`),
  script(`${s6rc}/${name}/run`, run),
]

/** A service in `/etc/services.d`. */
export const legacyService = (name: string, run: string, finish?: string): readonly string[] => [
  script(`/etc/services.d/${name}/run`, run),
  ...(finish === undefined ? [] : [script(`/etc/services.d/${name}/finish`, finish)]),
]

export const contInit = (name: string, run: string): string => script(`/etc/cont-init.d/${name}.sh`, run)

/** The command of the container, which starts after all services. */
export const command = (run: string): readonly string[] => [script('/run.sh', run), 'CMD ["/run.sh"]']

/** Ready when a script of the add-on has come to its end. */
export const readyWhenDone = 'HEALTHCHECK CMD test -e /tmp/done'
/** Goes on for as long as the container. */
export const done = 'touch /tmp/done\nexec sleep infinity'

/** An add-on on the base with s6. Its processes end at once, so the container need not wait for them. */
export const onS6 = (...lines: readonly (string | readonly string[])[]): readonly string[] => [
  'ENV S6_KILL_GRACETIME=100',
  library,
  ...lines.flat(),
]

/** An add-on whose only service does one thing, and goes on if that worked. */
export const doing = (work: string): readonly string[] => onS6(longrun('main', `${work}\n${done}`), readyWhenDone)
