import { file } from '../smoke-fixture.ts'
import { type AddonCase, doing, done, longrun, onS6, readyWhenDone } from './addon-case.ts'

/** As nginx_proxy: its certificate is in the folder that all add-ons share. */
const proxy = onS6(
  longrun(
    'nginx',
    `certificate=/ssl/$(option certfile)
[ -s "$certificate" ] || fatal "cannot load certificate \\"$certificate\\": No such file or directory"
grep -q 'BEGIN CERTIFICATE' "$certificate" || fatal "$certificate is no certificate"
grep -q 'PRIVATE KEY' "/ssl/$(option keyfile)" || fatal 'cannot load the key'
touch /ssl/x 2>/dev/null && fatal '/ssl is not read-only'
${done}`,
  ),
  readyWhenDone,
)
const proxyConfig = (certificate: string): string => `init: false
map:
  - ssl
options:
  domain: home.example.com
  certfile: ${certificate}
  keyfile: privkey.pem
schema:
  domain: str
  certfile: str
  keyfile: str`

/** As sqlite-web: the database of Home Assistant's history, in a browser. */
const database = (path: string): readonly string[] => [
  file(
    '/app.py',
    `import sqlite3
from http.server import HTTPServer, SimpleHTTPRequestHandler
database = sqlite3.connect("file:${path}?mode=ro", uri=True)
tables = database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
print(f"{tables[0]} tables", flush=True)
HTTPServer(("", 8099), SimpleHTTPRequestHandler).serve_forever()`,
  ),
  'CMD ["python3", "/app.py"]',
]
const databaseConfig = `ingress: true
map:
  - homeassistant_config:rw`

const player = doing(`busybox httpd -p 8099 -h /tmp
[ -d /run/audio ] || fatal 'There is no folder for the socket of PulseAudio'
[ -f /etc/pulse/client.conf ] || fatal 'PulseAudio is not configured'
getent hosts supervisor`)

const reader = (voice: string): string => `init: false
ports:
  10200/tcp: null
options:
  voice: ${voice}
  length_scale: 1.0
  noise_scale: 0.667
schema:
  voice: |
    list(en_US-lessac-low|en_US-lessac-medium|tugão-medium)
  length_scale: float
  noise_scale: float`

const piper = doing(`busybox httpd -p 10200 -h /tmp
grep -Eq '"length_scale": ?1\\.0' /data/options.json || fatal "A float is not written as one: $(cat /data/options.json)"
info "Voice: $(option voice)"`)

export const folderCases: readonly AddonCase[] = [
  {
    name: 'nginx_proxy',
    title: 'needs the certificate of a fresh installation passes',
    config: proxyConfig('fullchain.pem'),
    lines: proxy,
    status: 'passed',
  },
  {
    name: 'nginx_proxy_broken',
    title: 'needs a certificate that is not there fails',
    config: proxyConfig('home.example.com.pem'),
    lines: proxy,
    status: 'failed',
    reason: /cannot load certificate "\/ssl\/home\.example\.com\.pem"/,
  },
  {
    name: 'sqlite_web',
    base: 'python',
    title: "opens the recorder's database passes",
    config: databaseConfig,
    lines: database('/homeassistant/home-assistant_v2.db'),
    status: 'passed',
    // Python does not handle SIGTERM.
    warnings: ['stops'],
  },
  {
    name: 'sqlite_web_broken',
    base: 'python',
    title: 'opens a database that is not there fails',
    config: databaseConfig,
    lines: database('/homeassistant/zigbee.db'),
    status: 'failed',
    reason: /sqlite3\.OperationalError: unable to open database file/,
  },
  {
    name: 'vlc',
    title: 'plays audio passes',
    config: 'init: false\naudio: true\ningress: true\nstartup: services',
    lines: player,
    status: 'passed',
  },
  {
    name: 'vlc_undeclared',
    title: 'plays audio without "audio: true" fails',
    config: 'init: false\ningress: true\nstartup: services',
    lines: player,
    status: 'failed',
    reason: /There is no folder for the socket of PulseAudio/,
  },
  {
    name: 'piper',
    title: 'has a schema in a block scalar passes',
    config: reader('en_US-lessac-medium'),
    lines: piper,
    status: 'passed',
  },
  {
    name: 'piper_broken',
    title: 'has a value that is not in its list is not started',
    config: reader('en_US-lessac-huge'),
    lines: piper,
    status: 'failed',
    reason: /the Supervisor would not start the add-on: .*voice/,
  },
]
