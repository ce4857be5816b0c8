import {
  type AddonCase,
  command,
  contInit,
  done,
  legacyService,
  longrun,
  onS6,
  readyWhenDone,
  takesDown,
} from './addon-case.ts'

/** As rpc_shutdown: an automation writes to its input. */
const listening = onS6(
  command(`while read -r input; do
  info "Read alias: $input"
done`),
)

const task = (exitCode: number): readonly string[] =>
  onS6(command(`info 'Cleaning up'\n[ ${exitCode} = 0 ] || error 'Nothing to clean up'\nexit ${exitCode}`))

/** As Let's Encrypt: a service that ends, and whose finish script stops the container. */
const certificates = (exitCode: number, finish: string): readonly string[] =>
  onS6(
    contInit('file-structure', 'mkdir -p /data/letsencrypt'),
    legacyService(
      'lets-encrypt',
      `info 'Requesting a certificate'
[ ${exitCode} = 0 ] || fatal 'Some challenges have failed.'
info 'Successfully received certificate.'`,
      finish,
    ),
  )
const halts = 'exec /run/s6/basedir/bin/halt'
const haltsWithCode = `echo "$1" >/run/s6-linux-init-container-results/exitcode\n${halts}`

const port = 'ports:\n  8080/tcp: 8080'

export const serviceCases: readonly AddonCase[] = [
  {
    name: 'hello',
    title: 'has services below s6-overlay passes',
    config: 'init: false',
    lines: onS6(
      contInit('hello', 'info Hello'),
      legacyService('web', 'exec busybox httpd -f -p 8099 -h /tmp'),
      longrun('hello', done),
      readyWhenDone,
    ),
    status: 'passed',
  },
  {
    name: 'hello_init',
    title: 'has them below the init of Docker fails',
    lines: onS6(longrun('hello', done), readyWhenDone),
    status: 'failed',
    reason: /s6-overlay must be process 1: set "init: false"/,
  },
  {
    name: 'hello_signal',
    title: 'takes the signal of its stop for an error passes with a warning',
    config: 'init: false',
    lines: onS6(longrun('hello', done, { finish: takesDown('hello', { knowsSigterm: false }) }), readyWhenDone),
    status: 'passed',
    warnings: ['stops'],
  },
  {
    name: 'rpc_shutdown',
    title: 'reads its input passes',
    config: 'init: false\nstdin: true\nstartup: services',
    lines: listening,
    status: 'passed',
  },
  {
    name: 'rpc_shutdown_undeclared',
    title: 'reads its input without "stdin: true" fails',
    config: 'init: false\nstartup: services',
    lines: listening,
    status: 'failed',
    reason: /exit code 0/,
  },
  {
    name: 'task',
    title: 'is started by hand and ends with 0 passes',
    config: 'init: false\nboot: manual',
    lines: task(0),
    status: 'passed',
    reason: /exit code 0/,
  },
  {
    name: 'task_fails',
    title: 'is started by hand and ends with 1 fails',
    config: 'init: false\nboot: manual',
    lines: task(1),
    status: 'failed',
    reason: /exit code 1.*Nothing to clean up/,
  },
  {
    name: 'task_port',
    title: 'is started by hand, ends with 0 and has a port fails',
    config: `init: false\nboot: manual\n${port}`,
    lines: task(0),
    status: 'failed',
    reason: /exit code 0/,
  },
  {
    name: 'apps_example',
    title: 'has a service that ends with 0 by design passes with a warning',
    config: 'init: false',
    lines: onS6(longrun('example', 'info "Hello world..."')),
    status: 'passed',
    warnings: ['settles'],
  },
  {
    name: 'crash_slow',
    title: 'has a service that fails every 2.5 s fails',
    config: 'init: false',
    lines: onS6(longrun('example', "info 'Connecting'\nsleep 2.5\nfatal 'Connection lost'", { finish: '' })),
    status: 'failed',
    reason: /"?example"?.*exit code 1.*Connection lost/,
  },
  {
    name: 'crash_fast',
    title: 'has a service that fails at once fails',
    config: 'init: false',
    lines: onS6(legacyService('example', "fatal 'No such device'")),
    status: 'failed',
    reason: /"?example"?.*exit code 1.*No such device/,
  },
  {
    name: 'late_broker',
    title: 'has a service that fails once and then works passes',
    config: 'init: false',
    lines: onS6(
      longrun('example', `[ -e /tmp/tried ] || { touch /tmp/tried; fatal 'The broker is not there yet'; }\n${done}`, {
        finish: '',
      }),
      readyWhenDone,
    ),
    status: 'passed',
    // It reported a fatal error.
    warnings: ['log'],
  },
  {
    name: 'letsencrypt',
    title: 'runs once and ends with 0 passes',
    config: 'init: false\nstartup: once\nboot: manual',
    lines: certificates(0, halts),
    status: 'passed',
  },
  {
    name: 'letsencrypt_fails',
    title: 'runs once and fails, though its container ends with 0, fails',
    config: 'init: false\nstartup: once\nboot: manual',
    lines: certificates(1, halts),
    status: 'failed',
    reason: /Some challenges have failed/,
  },
  {
    name: 'letsencrypt_code',
    title: 'runs once, fails and ends its container with that code fails',
    config: 'init: false\nstartup: once\nboot: manual',
    lines: certificates(1, haltsWithCode),
    status: 'failed',
    reason: /exit code 1.*Some challenges have failed/,
  },
]
