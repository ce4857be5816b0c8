import { readConfigFile } from '../../../src/addon/config/config-file.ts'
import { saidOf } from '../messages.ts'

const minimal = 'name: N\nversion: "1"\nslug: s\ndescription: d\narch: [amd64]\n'
const read = (text: string) => readConfigFile(minimal + text, 'config.yaml')

test.each(
  Object.entries({
    'init: maybe':
      'warning config/bad-value 6:7 "init" is "maybe", so the Supervisor rejects the add-on. Write true or false.',
    'init: [1]':
      'warning config/bad-value 6:7 "init" is a list, so the Supervisor rejects the add-on. Write true or false.',
    'init: {a: 1}':
      'warning config/bad-value 6:7 "init" is a map, so the Supervisor rejects the add-on. Write true or false.',
    'init: 2': 'warning config/bad-value 6:7 "init" is "2", so the Supervisor rejects the add-on. Write true or false.',
    'init: ""':
      'warning config/bad-value 6:7 "init" is a string, so the Supervisor rejects the add-on. Write true or false.',
    'init: 2020-01-01':
      'warning config/bad-value 6:7 "init" is "2020-01-01", so the Supervisor rejects the add-on. Write true or false.',
    'timeout: 5':
      'warning config/bad-value 6:10 "timeout" is "5", so the Supervisor rejects the add-on. Write a whole number from 10 to 300.',
    'timeout: 9':
      'warning config/bad-value 6:10 "timeout" is "9", so the Supervisor rejects the add-on. Write a whole number from 10 to 300.',
    'timeout: 301':
      'warning config/bad-value 6:10 "timeout" is "301", so the Supervisor rejects the add-on. Write a whole number from 10 to 300.',
    'timeout: 10.5':
      'warning config/bad-value 6:10 "timeout" is "10.5", so the Supervisor rejects the add-on. Write a whole number from 10 to 300.',
    'timeout: soon':
      'warning config/bad-value 6:10 "timeout" is "soon", so the Supervisor rejects the add-on. Write a whole number from 10 to 300.',
    'timeout: " "':
      'warning config/bad-value 6:10 "timeout" is " ", so the Supervisor rejects the add-on. Write a whole number from 10 to 300.',
    'timeout: [10]':
      'warning config/bad-value 6:10 "timeout" is a list, so the Supervisor rejects the add-on. Write a whole number from 10 to 300.',
    'ingress_port: -1':
      'warning config/bad-value 6:15 "ingress_port" is "-1", so the Supervisor rejects the add-on. Write a whole number from 0 to 65535.',
    'ingress_port: 65536':
      'warning config/bad-value 6:15 "ingress_port" is "65536", so the Supervisor rejects the add-on. Write a whole number from 0 to 65535.',
    'startup: servces':
      'warning config/bad-value 6:10 "startup" is "servces", so the Supervisor rejects the add-on. Did you mean "services"?',
    'startup: never':
      'warning config/bad-value 6:10 "startup" is "never", so the Supervisor rejects the add-on. Use one of: initialize, system, services, application, once.',
    'startup: ""':
      'warning config/bad-value 6:10 "startup" is a string, so the Supervisor rejects the add-on. Use one of: initialize, system, services, application, once.',
    'startup: [once]':
      'warning config/bad-value 6:10 "startup" is a list, so the Supervisor rejects the add-on. Use one of: initialize, system, services, application, once.',
    'startup: "o\\nce"':
      'warning config/bad-value 6:10 "startup" is "o\\nce", so the Supervisor rejects the add-on. Did you mean "once"?',
    'ingress_entry: [x]':
      'warning config/bad-value 6:16 "ingress_entry" is a list, so the Supervisor rejects the add-on. Write a string.',
    'webui: http://localhost:8080':
      'warning config/bad-value 6:8 "webui" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/".',
    'webui: "tcp://[HOST]:[PORT:80]"':
      'warning config/bad-value 6:8 "webui" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/".',
    'webui: "http://[HOST]:80"':
      'warning config/bad-value 6:8 "webui" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/".',
    'webui: "x http://[HOST]:[PORT:80]"':
      'warning config/bad-value 6:8 "webui" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/".',
    'webui: "http://[HOST]:[PORT:0]"':
      'warning config/bad-value 6:8 "webui" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/".',
    'webui: "http://[HOST]:[PORT:65536]/"':
      'warning config/bad-value 6:8 "webui" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/".',
    'webui: "http://[HOST]:[PORT:]/"':
      'warning config/bad-value 6:8 "webui" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/".',
    'webui: [x]':
      'warning config/bad-value 6:8 "webui" is a list, so the Supervisor rejects the add-on. Write a string.',
    'watchdog: true':
      'warning config/bad-value 6:11 "watchdog" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/health".',
    'watchdog: "tcp://[HOST]:99999"':
      'warning config/bad-value 6:11 "watchdog" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/health".',
    'watchdog: "xtcp://[HOST]:80"':
      'warning config/bad-value 6:11 "watchdog" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/health".',
    'watchdog: "tcp://[HOST]:0"':
      'warning config/bad-value 6:11 "watchdog" is not an address that the Supervisor accepts, so it rejects the add-on. Write for example "http://[HOST]:[PORT:8080]/health".',
    'options: 5':
      'warning config/bad-value 6:10 "options" is "5", so the Supervisor rejects the add-on. Write names with values.',
    'options: [1]':
      'warning config/bad-value 6:10 "options" is a list, so the Supervisor rejects the add-on. Write names with values.',
    'options: x':
      'warning config/bad-value 6:10 "options" is "x", so the Supervisor rejects the add-on. Write names with values.',
    'schema: true':
      'warning config/bad-value 6:9 "schema" is "true", so the Supervisor rejects the add-on. Write names with types, or false.',
    'schema: [1]':
      'warning config/bad-value 6:9 "schema" is a list, so the Supervisor rejects the add-on. Write names with types, or false.',
    'schema: x':
      'warning config/bad-value 6:9 "schema" is "x", so the Supervisor rejects the add-on. Write names with types, or false.',
    'privileged: NET_ADMIN':
      'warning config/bad-value 6:13 "privileged" is "NET_ADMIN", so the Supervisor rejects the add-on. Write a list of strings.',
    'privileged: [NET_ADMIN, ALL, CAP_SYS_ADMIN]':
      'warning config/bad-value 6:25 "privileged" has "ALL", so the Supervisor rejects the add-on. Use one of: BPF, CHECKPOINT_RESTORE, DAC_READ_SEARCH, IPC_LOCK, NET_ADMIN, NET_RAW, PERFMON, SYS_ADMIN, SYS_MODULE, SYS_NICE, SYS_PTRACE, SYS_RAWIO, SYS_RESOURCE, SYS_TIME.\nwarning config/bad-value 6:30 "privileged" has "CAP_SYS_ADMIN", so the Supervisor rejects the add-on. Did you mean "SYS_ADMIN"?',
    'privileged: [[x]]':
      'warning config/bad-value 6:14 "privileged" is a list, so the Supervisor rejects the add-on. Write a string for each entry.',
    'privileged: {a: b}':
      'warning config/bad-value 6:13 "privileged" is a map, so the Supervisor rejects the add-on. Write a list of strings.',
    'privileged: [SYS_ADMINS]':
      'warning config/bad-value 6:14 "privileged" has "SYS_ADMINS", so the Supervisor rejects the add-on. Did you mean "SYS_ADMIN"?',
    'hassio_role: constructor':
      'warning config/bad-value 6:14 "hassio_role" has "constructor", so the Supervisor rejects the add-on. Use one of: default, homeassistant, backup, manager, admin.',
    'hassio_role: manger':
      'warning config/bad-value 6:14 "hassio_role" has "manger", so the Supervisor rejects the add-on. Did you mean "manager"?',
    'hassio_role: [admin]':
      'warning config/bad-value 6:14 "hassio_role" is a list, so the Supervisor rejects the add-on. Write a string.',
    'services: x':
      'warning config/bad-value 6:11 "services" is "x", so the Supervisor rejects the add-on. Write a list of strings.',
    'devices: [{a: b}]':
      'warning config/bad-value 6:11 "devices" is a map, so the Supervisor rejects the add-on. Write a string for each entry.',
    'devices: /dev/x':
      'warning config/bad-value 6:10 "devices" is "/dev/x", so the Supervisor rejects the add-on. Write a list of strings.',
    'environment: {A: 3.10, B: x}':
      'warning config/not-quoted 6:18 The Supervisor reads "environment.A" as a number and rejects the add-on. Put it in quotes: "3.10".',
    'environment: {A: [x]}':
      'warning config/bad-value 6:18 "environment.A" is a list, so the Supervisor rejects the add-on. Write a string.',
    'environment: {A: yes}':
      'warning config/not-quoted 6:18 The Supervisor reads "environment.A" as true or false and rejects the add-on. Put it in quotes: "yes".',
    'environment: [A]':
      'warning config/bad-value 6:14 "environment" is a list, so the Supervisor rejects the add-on. Write names with values.',
    'environment: {A: 2020-01-01}':
      'warning config/not-quoted 6:18 The Supervisor reads "environment.A" as a date and rejects the add-on. Put it in quotes: "2020-01-01".',
    'environment: 5':
      'warning config/bad-value 6:14 "environment" is "5", so the Supervisor rejects the add-on. Write names with values.',
    'ports: [80]':
      'warning config/bad-value 6:8 "ports" is a list, so the Supervisor rejects the add-on. Write names with values.',
    'ports: {http: 80}':
      'warning config/bad-value 6:9 "ports.http" is "http", so the Supervisor rejects the add-on. Write a port such as "8080/tcp".',
    'ports: {0/tcp: 80}':
      'warning config/bad-value 6:9 "ports.0/tcp" is "0/tcp", so the Supervisor rejects the add-on. Write a port such as "8080/tcp".',
    'ports: {65536/tcp: 80}':
      'warning config/bad-value 6:9 "ports.65536/tcp" is "65536/tcp", so the Supervisor rejects the add-on. Write a port such as "8080/tcp".',
    'ports: {80/tcpx: 80}':
      'warning config/bad-value 6:9 "ports.80/tcpx" is "80/tcpx", so the Supervisor rejects the add-on. Write a port such as "8080/tcp".',
    'ports: {x80/tcp: 80}':
      'warning config/bad-value 6:9 "ports.x80/tcp" is "x80/tcp", so the Supervisor rejects the add-on. Write a port such as "8080/tcp".',
    'ports: {80/sctp: 80}':
      'warning config/bad-value 6:9 "ports.80/sctp" is "80/sctp", so the Supervisor rejects the add-on. Write a port such as "8080/tcp".',
    'ports: {100000: 80}':
      'warning config/bad-value 6:9 "ports.100000" is "100000", so the Supervisor rejects the add-on. Write a port such as "8080/tcp".',
    'ports: {80/tcp: -1}':
      'warning config/bad-value 6:17 "ports.80/tcp" is "-1", so the Supervisor rejects the add-on. Write a port of the host, or null.',
    'ports: {80/tcp: 65536}':
      'warning config/bad-value 6:17 "ports.80/tcp" is "65536", so the Supervisor rejects the add-on. Write a port of the host, or null.',
    'ports: {80/tcp: 1.5}':
      'warning config/bad-value 6:17 "ports.80/tcp" is "1.5", so the Supervisor rejects the add-on. Write a port of the host, or null.',
    'ports: {80/tcp: [1]}':
      'warning config/bad-value 6:17 "ports.80/tcp" is a list, so the Supervisor rejects the add-on. Write a port of the host, or null.',
    'ports: {80/tcp: x}':
      'warning config/bad-value 6:17 "ports.80/tcp" is "x", so the Supervisor rejects the add-on. Write a port of the host, or null.',
    'ports: {80/tcp: ""}':
      'warning config/bad-value 6:17 "ports.80/tcp" is a string, so the Supervisor rejects the add-on. Write a port of the host, or null.',
    'ports: {80/tcp: " "}':
      'warning config/bad-value 6:17 "ports.80/tcp" is " ", so the Supervisor rejects the add-on. Write a port of the host, or null.',
    'options: ""':
      'warning config/bad-value 6:10 "options" is a string, so the Supervisor rejects the add-on. Write names with values.',
    'map: share': 'warning config/bad-value 6:6 "map" is "share", so the Supervisor rejects the add-on. Write a list.',
    'map: {a: b}': 'warning config/bad-value 6:6 "map" is a map, so the Supervisor rejects the add-on. Write a list.',
    'map: [shares]':
      'warning config/left-out 6:7 The smoke test ignores "map" entry "shares": the test has no such folder. Use one of: data, config, homeassistant_config, addon_config, app_config, all_addon_configs, all_app_configs, ssl, addons, local_apps, backup, share, media.',
    'map: [{type: shares}]':
      'warning config/left-out 6:14 The smoke test ignores "map" entry "shares": the test has no such folder. Use one of: data, config, homeassistant_config, addon_config, app_config, all_addon_configs, all_app_configs, ssl, addons, local_apps, backup, share, media.',
    'map: [{typ: share}]':
      'warning config/bad-value 6:7 "map" is a map, so the Supervisor rejects the add-on. Write a "type" in each entry.',
    'map: [{type: [share]}]':
      'warning config/bad-value 6:7 "map" is a map, so the Supervisor rejects the add-on. Write a "type" in each entry.',
    'map: [[share]]':
      'warning config/bad-value 6:7 "map" is a list, so the Supervisor rejects the add-on. Write a name, or a map with a "type", for each entry.',
    'map: [{type: share, path: "x"}]':
      'warning config/left-out 6:27 The smoke test ignores "path" "x" of "map" entry "share": it is not an absolute path without ":" and control characters. The usual path of the folder is used. Write an absolute path as in "/data/share".',
    'map: [{type: share, path: "/a/../b"}]':
      'warning config/left-out 6:27 The smoke test ignores "path" "/a/../b" of "map" entry "share": it has "." or ".." in it. The usual path of the folder is used. Write an absolute path as in "/data/share".',
    'map: [{type: share, path: "/a/."}]':
      'warning config/left-out 6:27 The smoke test ignores "path" "/a/." of "map" entry "share": it has "." or ".." in it. The usual path of the folder is used. Write an absolute path as in "/data/share".',
    'map: [{type: share, path: "/proc/x"}]':
      'warning config/left-out 6:27 The smoke test ignores "path" "/proc/x" of "map" entry "share": it belongs to the kernel. The usual path of the folder is used. Write an absolute path as in "/data/share".',
    'map: [{type: share, path: "/sys"}]':
      'warning config/left-out 6:27 The smoke test ignores "path" "/sys" of "map" entry "share": it belongs to the kernel. The usual path of the folder is used. Write an absolute path as in "/data/share".',
    'map: [{type: share, path: "/a\\u2028"}]':
      'warning config/left-out 6:27 The smoke test ignores "path" "/a\\u2028" of "map" entry "share": it is not an absolute path without ":" and control characters. The usual path of the folder is used. Write an absolute path as in "/data/share".',
    'map: [{type: share, path: "/a//"}]':
      'warning config/left-out 6:27 The smoke test ignores "path" "/a//" of "map" entry "share": it is not an absolute path without ":" and control characters. The usual path of the folder is used. Write an absolute path as in "/data/share".',
    'ulimits: [1]':
      'warning config/bad-value 6:10 "ulimits" is a list, so the Supervisor rejects the add-on. Write names with values.',
    'ulimits: {nofile: x}':
      'warning config/bad-value 6:19 "ulimits.nofile" is "x", so the Supervisor rejects the add-on. Write a number.',
    'ulimits: {nofile: "1x"}':
      'warning config/bad-value 6:19 "ulimits.nofile" is "1x", so the Supervisor rejects the add-on. Write a number.',
    'ulimits: {nofile: x1}':
      'warning config/bad-value 6:19 "ulimits.nofile" is "x1", so the Supervisor rejects the add-on. Write a number.',
    'ulimits: {nofile: {soft: 1}}':
      'warning config/bad-value 6:19 "ulimits.nofile" is a map, so the Supervisor rejects the add-on. Write "soft" and "hard".',
    'ulimits: {nofile: {hard: 1}}':
      'warning config/bad-value 6:19 "ulimits.nofile" is a map, so the Supervisor rejects the add-on. Write "soft" and "hard".',
    'ulimits: {nofile: {soft: 1, hard: [1]}}':
      'warning config/bad-value 6:19 "ulimits.nofile" is a map, so the Supervisor rejects the add-on. Write "soft" and "hard".',
    'ulimits: {nofile: [1]}':
      'warning config/bad-value 6:19 "ulimits.nofile" is a list, so the Supervisor rejects the add-on. Write a number.',
    'ulimits: {nofiles: 1}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "nofiles": Docker has no limit of that name. Use one of: core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack.',
    'ulimits: {nofile: -1}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "nofile": a value is not a whole number from 0 to 1048576. Write a whole number from 0 to 1048576.',
    'ulimits: {nofile: 1048577}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "nofile": a value is not a whole number from 0 to 1048576. Write a whole number from 0 to 1048576.',
    'ulimits: {nice: 41}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "nice": a value is not a whole number from 0 to 40. Write a whole number from 0 to 40.',
    'ulimits: {rtprio: 100}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "rtprio": a value is not a whole number from 0 to 99. Write a whole number from 0 to 99.',
    'ulimits: {core: -2}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "core": a value is not a whole number, or -1 for no limit. Write a whole number, or -1 for no limit.',
    'ulimits: {core: 99999999999999999}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "core": a value is not a whole number, or -1 for no limit. Write a whole number, or -1 for no limit.',
    'ulimits: {core: 9007199254740992}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "core": a value is not a whole number, or -1 for no limit. Write a whole number, or -1 for no limit.',
    'ulimits: {core: {soft: 3, hard: 2}}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "core": the soft limit is above the hard one. Make "soft" at most as large as "hard".',
    'ulimits: {core: {soft: -1, hard: 2}}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "core": the soft limit is above the hard one. Make "soft" at most as large as "hard".',
    'ulimits: {core: {soft: 1, hard: x}}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "core": a value is not a whole number, or -1 for no limit. Write a whole number, or -1 for no limit.',
    'ulimits: {core: {soft: x, hard: 1}}':
      'warning config/left-out 6:11 The smoke test ignores "ulimits" entry "core": a value is not a whole number, or -1 for no limit. Write a whole number, or -1 for no limit.',
    'tmpfs: [1]': '',
    'uart: maybe':
      'warning config/bad-value 6:7 "uart" is "maybe", so the Supervisor rejects the add-on. Write true or false.',
    'auto_uart: maybe':
      'warning config/bad-value 6:12 "auto_uart" is "maybe", so the Supervisor rejects the add-on. Write true or false.',
    'devices: [/etc/shadow]':
      'warning config/left-out 6:11 The smoke test ignores device "/etc/shadow": it is not a path under /dev. Write for example "/dev/ttyUSB0".',
    'devices: [/dev]':
      'warning config/left-out 6:11 The smoke test ignores device "/dev": it is not a path under /dev. Write for example "/dev/ttyUSB0".',
    'devices: [/dev/]':
      'warning config/left-out 6:11 The smoke test ignores device "/dev/": it is not a path under /dev. Write for example "/dev/ttyUSB0".',
    'devices: [/dev/a/]':
      'warning config/left-out 6:11 The smoke test ignores device "/dev/a/": it is not a path under /dev. Write for example "/dev/ttyUSB0".',
    'devices: [/dev/..]':
      'warning config/left-out 6:11 The smoke test ignores device "/dev/..": it is not a path under /dev. Write for example "/dev/ttyUSB0".',
    'devices: [/dev/./a]':
      'warning config/left-out 6:11 The smoke test ignores device "/dev/./a": it is not a path under /dev. Write for example "/dev/ttyUSB0".',
    'devices: ["/dev/a b"]':
      'warning config/left-out 6:11 The smoke test ignores device "/dev/a b": it is not a path under /dev. Write for example "/dev/ttyUSB0".',
    'devices: ["x/dev/a"]':
      'warning config/left-out 6:11 The smoke test ignores device "x/dev/a": it is not a path under /dev. Write for example "/dev/ttyUSB0".',
    'devices: [/dev/...]': '',
    'environment: {"A=B": x}':
      'warning config/left-out 6:15 The smoke test ignores "environment" entry "A=B": its name has other characters than letters, digits and "_". Rename it, or set it with the input "smoke-run-args", as in "--env some.name=value".',
    'environment: {1A: x}':
      'warning config/left-out 6:15 The smoke test ignores "environment" entry "1A": its name has other characters than letters, digits and "_". Rename it, or set it with the input "smoke-run-args", as in "--env some.name=value".',
    'environment: {"AB\\n": x}':
      'warning config/left-out 6:15 The smoke test ignores "environment" entry "AB\\n": its name has other characters than letters, digits and "_". Rename it, or set it with the input "smoke-run-args", as in "--env some.name=value".',
    'environment: {A: "x\\0"}':
      'warning config/left-out 6:15 The smoke test ignores "environment" entry "A": it has a NUL character, which no variable can hold. Remove the character.',
  }),
)('%j is answered with %j', (text, expected) => {
  expect(saidOf(read(text).diagnostics)).toBe(expected)
})

test.each([
  'init: ',
  'init: TRUE',
  'ingress_port: 65535',
  'timeout: 10',
  'timeout: 300',
  'webui: "https://[HOST]:[PORT:1]"',
  'webui: "[PROTO:ssl_2]://[HOST]:[PORT:65535]/x"',
  'watchdog: "https://[HOST]:1"',
  'watchdog: "[PROTO:ssl]://[HOST]:[PORT:80]/x"',
  'watchdog: tcp://[HOST]:65535',
  'options: []',
  'options: ',
  'schema: []',
  'schema: {}',
  'ports: {65535/udp: 0, 1: 65535}',
  'ports: ',
  'map: []',
  'map: ',
  'tmpfs: ',
  'privileged: ',
  'ulimits: {nofile: 1048576, nice: 40, rtprio: 99, core: -1, cpu: 9007199254740991}',
  'ulimits: {core: {soft: 2, hard: 2}}',
  'ulimits: {core: {soft: 2, hard: -1}}',
  'ulimits: {core: {soft: -1, hard: -1}}',
])('%j is valid', (text) => {
  expect(read(text).diagnostics).toEqual([])
})
