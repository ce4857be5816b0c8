import { file } from './smoke-fixture.ts'

/**
 * Asks the Supervisor as bashio does (bashio 0.14 to 0.19, lib/api.sh): the address and the token from the environment, one of three
 * headers, and the `result` of the envelope decides. Ends with 9 where an answer is not what it should be. Written for the test.
 */
export const apiClient = file(
  '/run.sh',
  `#!/bin/sh
trap "exit 0" TERM
api="\${SUPERVISOR_API:-http://supervisor}"
ask() { wget -q -O - --header "$1: $2$SUPERVISOR_TOKEN" "$api$3"; }
want() { case "$2" in *"$1"*) echo "ok $1" ;; *) echo "wanted $1, got $2" >&2; exit 9 ;; esac; }

[ "$SUPERVISOR_TOKEN" = "$HASSIO_TOKEN" ] || exit 8
want '"result":"ok"' "$(wget -q -O - "$api/supervisor/ping")"
options="$(ask Authorization 'Bearer ' /addons/self/options/config)"
want '"log_level":"debug"' "$options"
want '"port":1883' "$options"
want '"slug":"local_my_addon"' "$(ask X-Supervisor-Token '' /addons/self/info)"
want '"hostname":"local-my-addon"' "$(ask X-Supervisor-Token '' /addons/local_my_addon/info)"
want '"timezone":"UTC"' "$(ask X-Hassio-Key '' /info)"
want '"host":"broker.local"' "$(ask Authorization 'Bearer ' /services/mqtt)"
want '"slug":"mysql","available":false' "$(ask Authorization 'Bearer ' /services)"
ask Authorization 'Bearer ' /services/mysql && exit 7
wget -q -O - "$api/info" && exit 6
wget -q -O - --header "Authorization: Bearer nonsense" "$api/info" && exit 5
ask Authorization 'Bearer ' /core/api/states && exit 4
ask Authorization 'Bearer ' /made/up && exit 3
[ "$(hostname)" = local-my-addon ] || exit 2
echo "all answered"
touch /tmp/ok
while :; do sleep 1 & wait $!; done`,
)
