import { file } from '../smoke-fixture.ts'
import { type AddonCase, contInit, doing, done, longrun, oneshot, onS6, readyWhenDone } from './addon-case.ts'

/** As Samba: which network interfaces are there to listen on? */
const samba = (isEnabled: string): readonly string[] =>
  onS6(
    oneshot(
      'init-smbd',
      `info "Hostname: $(api GET /info | jq --raw-output .hostname)"
for folder in /ssl /share /media /backup /homeassistant /local_apps /app_configs; do
  [ -w "$folder" ] || fatal "$folder is missing"
done
for interface in $(api GET /network/info | jq --raw-output '.interfaces[].interface'); do
  enabled=$(api GET "/network/interface/$interface/info" | jq --raw-output .enabled)
  [ "$enabled" = ${isEnabled} ] && interfaces="$interfaces $interface"
done
[ -n "$interfaces" ] || fatal 'No supported interfaces found to bind on.'
info "Interfaces:$interfaces"`,
    ),
    longrun('smbd', done, { after: ['init-smbd'] }),
    readyWhenDone,
  )

const sambaConfig = `hassio_api: true
startup: services
init: false
map:
  - local_apps:rw
  - all_app_configs:rw
  - backup:rw
  - homeassistant_config:rw
  - media:rw
  - share:rw
  - ssl:rw
options:
  workgroup: WORKGROUP
schema:
  workgroup: str`

const resolving = (...names: readonly string[]): readonly string[] =>
  onS6(
    contInit(
      'nginx',
      `for name in ${names.join(' ')}; do
  getent hosts "$name" || fatal "Could not resolve $name"
done`,
    ),
    longrun('nginx', done),
    readyWhenDone,
  )

const announcing = doing(
  `config=$(jq --null-input --compact-output --arg host "$(hostname)" '{host: $host, port: 1883, protocol: "3.1.1"}')
api POST /discovery "{\\"service\\":\\"mqtt\\",\\"config\\":$config}" || fatal 'Discovery message to Home Assistant failed!'
api POST /services/mqtt "$config" || fatal 'Service message to Supervisor failed!'
info 'Successfully sent service information to the Supervisor.'`,
)

const wantingMqtt = doing(
  `broker=$(api GET /services/mqtt) || fatal 'No MQTT broker was found'
[ "$(jq --raw-output .host <<<"$broker")" = core-mosquitto ] || fatal "Unexpected broker: $broker"`,
)
const mqtt = { host: 'core-mosquitto', port: 1883, ssl: false, protocol: '3.1.1', username: 'addons', password: 'x' }

const storingOption = (value: string): readonly string[] =>
  doing(
    `api POST /addons/self/options '{"options":{"mode":"fast","limit":${value}}}' || fatal 'The options could not be stored'
stored=$(api GET /addons/self/info | jq --compact-output .options.limit)
[ "$stored" = 7 ] || fatal "The option is $stored"`,
  )
const storedOptions = `init: false
options:
  mode: slow
  limit: 5
schema:
  mode: list(slow|fast)
  limit: int(1,10)`

/** Its terminal is Home Assistant's, so the token goes where its password went before there were tokens. */
const editor = doing(
  `busybox httpd -p 8099 -h /tmp
answer=$(curl --silent --write-out '%{http_code}' --output /tmp/states --header "X-Ha-Access: $SUPERVISOR_TOKEN" http://supervisor/core/api/states)
[ "$answer" = 200 ] || fatal "Home Assistant answered $answer"
jq --exit-status 'type == "array"' /tmp/states || fatal 'No states'`,
)
const editorConfig = `init: false
ingress: true
panel_icon: mdi:wrench`

const named = (slug: string): readonly string[] =>
  doing(
    `self=$(api GET /addons/self/info)
found=$(jq --raw-output .slug <<<"$self")
[ "$found" = ${slug} ] || fatal "The slug is $found"
[ "$(hostname)" = "$(tr _ - <<<"$found")" ] || fatal "The host name is $(hostname)"
[ "$(jq --raw-output .hostname <<<"$self")" = "$(hostname)" ] || fatal 'The host name is another'`,
  )

const websocket = (token: string): readonly string[] => [
  file(
    '/app.py',
    `import base64, json, os, socket, struct, sys, time

class Socket:
    def __init__(self):
        self.connection = socket.create_connection(("supervisor", 80), 10)
        key = base64.b64encode(os.urandom(16)).decode()
        self.connection.sendall(
            f"GET /core/websocket HTTP/1.1\\r\\nHost: supervisor\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
            f"Sec-WebSocket-Key: {key}\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n".encode()
        )
        self.stream = self.connection.makefile("rb")
        status = self.stream.readline().decode()
        if " 101 " not in status:
            raise SystemExit(f"FATAL: no websocket: {status.strip()}")
        while self.stream.readline().strip():
            pass

    def receive(self):
        _, length = self.stream.read(2)
        if length == 126:
            (length,) = struct.unpack(">H", self.stream.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.stream.read(8))
        return json.loads(self.stream.read(length))

    def send(self, **message):
        data = json.dumps(message).encode()
        mask = os.urandom(4)
        head = bytes([0x81, 0x80 | len(data)]) if len(data) < 126 else struct.pack(">BBH", 0x81, 0xFE, len(data))
        self.connection.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def ask(self, number, kind):
        self.send(id=number, type=kind)
        answer = self.receive()
        if not answer["success"]:
            raise SystemExit(f"FATAL: {kind}: {answer}")
        return answer["result"]

home_assistant = Socket()
greeting = home_assistant.receive()["type"]
if greeting != "auth_required":
    raise SystemExit(f"FATAL: unexpected greeting {greeting}")
home_assistant.send(type="auth", access_token=${token})
answer = home_assistant.receive()
if answer["type"] != "auth_ok":
    raise SystemExit(f"FATAL: Home Assistant refused the token: {answer}")
print(len(home_assistant.ask(1, "get_states")), "states of", home_assistant.ask(2, "get_config")["version"], flush=True)
open("/tmp/done", "w").close()
time.sleep(1000)`,
  ),
  readyWhenDone,
  'CMD ["python3", "/app.py"]',
]

export const apiCases: readonly AddonCase[] = [
  {
    name: 'samba',
    title: 'asks with the default role for the network interfaces passes',
    config: sambaConfig,
    lines: samba('true'),
    status: 'passed',
  },
  {
    name: 'samba_broken',
    title: 'finds no interface, since it expects other answers, fails',
    config: sambaConfig,
    lines: samba('yes'),
    status: 'failed',
    reason: /No supported interfaces found to bind on/,
  },
  {
    name: 'tor',
    title: 'resolves the names of Home Assistant and its services passes',
    config: 'init: false',
    lines: resolving(
      ...['homeassistant', 'home-assistant', 'hassio', 'supervisor', 'dns', 'observer'],
      ...['homeassistant.local.hass.io', 'supervisor.local.hass.io'],
    ),
    status: 'passed',
  },
  {
    name: 'tor_broken',
    title: 'resolves the name of an add-on that is not installed fails',
    config: 'init: false',
    lines: resolving('homeassistant', 'core-mosquitto'),
    status: 'failed',
    reason: /Could not resolve core-mosquitto/,
  },
  {
    name: 'mosquitto',
    title: 'announces what it declares to announce passes',
    config: 'init: false\ndiscovery: [mqtt]\nservices: ["mqtt:provide"]',
    lines: announcing,
    status: 'passed',
  },
  {
    name: 'mosquitto_undeclared',
    title: 'announces a discovery that it does not declare fails',
    config: 'init: false\nservices: ["mqtt:provide"]',
    lines: announcing,
    status: 'failed',
    reason: /Unable to access the API, forbidden|Discovery message to Home Assistant failed/,
  },
  {
    name: 'mosquitto_wants',
    // Only DELETE needs "provide".
    title: 'provides a service that it declares only to want passes',
    config: 'init: false\ndiscovery: [mqtt]\nservices: ["mqtt:want"]',
    lines: announcing,
    status: 'passed',
  },
  {
    name: 'zigbee2mqtt',
    title: 'uses a service that it declares and the test provides passes',
    config: 'init: false\nservices: ["mqtt:need"]',
    options: { smokeServices: { mqtt } },
    lines: wantingMqtt,
    status: 'passed',
  },
  {
    name: 'zigbee2mqtt_undeclared',
    title: 'uses a service that it does not declare fails',
    config: 'init: false',
    options: { smokeServices: { mqtt } },
    lines: wantingMqtt,
    status: 'failed',
    reason: /Unable to access the API, forbidden|No MQTT broker was found/,
  },
  {
    name: 'store_options',
    title: 'stores an option and reads it again passes',
    config: storedOptions,
    lines: storingOption('7'),
    status: 'passed',
  },
  {
    name: 'store_options_broken',
    title: 'stores a value of the wrong type fails',
    config: storedOptions,
    lines: storingOption('"many"'),
    status: 'failed',
    reason: /unexpected response from the API|The options could not be stored/,
  },
  {
    name: 'configurator',
    title: 'asks Home Assistant with the header X-Ha-Access passes',
    config: `${editorConfig}\nhomeassistant_api: true`,
    lines: editor,
    status: 'passed',
  },
  {
    name: 'configurator_undeclared',
    title: 'asks Home Assistant without homeassistant_api fails',
    config: editorConfig,
    lines: editor,
    status: 'failed',
    reason: /Home Assistant answered 401/,
  },
  {
    name: 'who_am_i',
    title: 'knows that it is a local one passes',
    config: 'init: false',
    lines: named('local_who_am_i'),
    status: 'passed',
  },
  {
    name: 'who_am_i_broken',
    title: 'expects its slug without the name of its repository fails',
    config: 'init: false',
    lines: named('who_am_i_broken'),
    status: 'failed',
    reason: /The slug is local_who_am_i_broken/,
  },
  {
    name: 'info',
    title: 'asks for a path of the API passes',
    config: 'init: false\nhassio_api: true',
    lines: doing('api GET /supervisor/info'),
    status: 'passed',
  },
  {
    name: 'info_slash',
    title: 'asks for it with a slash at the end fails',
    config: 'init: false\nhassio_api: true',
    lines: doing('api GET /supervisor/info/'),
    status: 'failed',
    reason: /Unable to access the API, forbidden/,
  },
  {
    name: 'websocket',
    base: 'python',
    title: 'speaks to Home Assistant through a WebSocket passes',
    config: 'homeassistant_api: true',
    lines: websocket('os.environ["SUPERVISOR_TOKEN"]'),
    status: 'passed',
  },
  {
    name: 'websocket_token',
    base: 'python',
    title: 'does so with a wrong token fails',
    config: 'homeassistant_api: true',
    lines: websocket('"my long-lived token"'),
    status: 'failed',
    reason: /Home Assistant refused the token/,
  },
]
