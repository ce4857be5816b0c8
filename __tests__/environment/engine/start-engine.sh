#!/bin/sh
# As root, on a machine without systemd: sh start-engine.sh LOG GROUP. Returns immediately; dockerd keeps running in the background.
set -eu
group=
[ "$2" = 0 ] || group="--group=$2"
exec setsid --fork dockerd $group >"$1" 2>&1 </dev/null
