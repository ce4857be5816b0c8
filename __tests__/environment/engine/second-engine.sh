#!/bin/sh
# As root: sh second-engine.sh FOLDER STORE GROUP [MEGABYTES]
# Runs a second dockerd next to the main one, with all its files in FOLDER, until standard input is closed.
#
# It shares the network namespace, so that it reaches registries on loopback and its published ports are reachable.
# The iptables rules are managed by the main dockerd, whose rules would be lost if this one wrote any. So it runs with
# --iptables=false, and this script adds the three rules that its containers need for outgoing connections.
# If dockerd exits while FOLDER/hold exists, it is started again as soon as FOLDER/hold.over exists. MEGABYTES: limits its data.
set -eu
folder=$1 store=$2 group=$3 room=${4:-} bridge=

# Creating the bridge reserves 10.NUMBER.0.0/16 for this engine. The list of addresses alone is not enough, because it does not
# show every network.
number=200
while [ -z "$bridge" ]; do
  number=$((number + 1))
  [ "$number" -lt 255 ] || { echo 'no free network for a second engine' >&2; exit 1; }
  ip -o -4 addr show | grep -q " 10\.$number\." && continue
  ! ip link add name "aic$number" type bridge 2>/dev/null || bridge=aic$number
done
network=10.$number.0.0/16

rules() {
  iptables -w -t nat "$1" POSTROUTING -s "$network" ! -d "$network" -j MASQUERADE
  iptables -w "$1" FORWARD -s "$network" -j ACCEPT
  iptables -w "$1" FORWARD -d "$network" -j ACCEPT
}
undo() {
  rules -D 2>/dev/null || true
  # Networks that were not removed have their own bridges; their names are in the daemon's database.
  for link in $(grep -aoE 'br-[0-9a-f]{12}' "$folder/data/network/files/local-kv.db" 2>/dev/null | sort -u); do
    ip link delete "$link" 2>/dev/null || true
  done
  ip link delete "$bridge" 2>/dev/null || true
  [ -z "$room" ] || umount --lazy "$folder/data" 2>/dev/null || true
  rm -rf "$folder"
}
trap undo EXIT
trap '' INT HUP
trap : TERM

ip addr add "10.$number.0.1/24" dev "$bridge"
ip link set "$bridge" up
rules -I
echo "{\"features\":{\"containerd-snapshotter\":$([ "$store" = containerd ] && echo true || echo false)}}" \
  >"$folder/daemon.json"

if [ -n "$room" ]; then
  mkdir "$folder/data"
  mount -t tmpfs -o "size=${room}m" tmpfs "$folder/data"
fi

# A separate mount namespace: mounts of its containers are removed with it, and the machine's containerd, which dockerd
# would otherwise share, is hidden.
# shellcheck disable=SC2016
hide='[ ! -d /run/containerd ] || mount -t tmpfs tmpfs /run/containerd
hold=$1 ending=
shift
while :; do
  dockerd "$@" &
  daemon=$!
  trap "ending=yes; kill -TERM $daemon 2>/dev/null || true" TERM
  while kill -0 $daemon 2>/dev/null; do wait $daemon || true; done
  [ -e "$hold" ] || exit 0
  while [ ! -e "$hold.over" ]; do
    [ -z "$ending" ] || exit 0
    sleep 0.2
  done
  rm -f "$hold" "$hold.over"
done'
sh "$(dirname "$0")/../machine/watchdog.sh" "" unshare --mount --propagation slave sh -c "$hide" dockerd "$folder/hold" \
  --config-file "$folder/daemon.json" --host "unix://$folder/docker.sock" --group "$group" \
  --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/docker.pid" --shutdown-timeout 5 \
  --bridge "$bridge" --fixed-cidr "10.$number.0.0/24" --default-address-pool "base=10.$number.128.0/17,size=24" \
  --iptables=false --ip6tables=false --ip-masq=false || true
