#!/bin/sh
# Brings the production stack up in a swarm of one machine, or updates it; waits until every service runs, and fails where an update was rolled back.
# Before the first call: docker swarm init, ./make-secrets.sh. Usage: ./deploy-swarm.sh [STACK]
# Environment: as for docker compose (AICLEANER_IMAGE, AICLEANER_VERSION, HTTPS_PORT …); COMPOSE_FILE: other files, in order, joined by colons.
set -eu
cd "$(dirname "$0")"
stack=${1:-aicleaner}

export COMPOSE_FILE="${COMPOSE_FILE:-docker-compose.yml:docker-compose.prod.yml:docker-compose.swarm.yml}" COMPOSE_PATH_SEPARATOR=:
# Only Compose reads !override and !reset. It writes numbers of processors as numbers, ports and sizes as texts; `docker stack deploy` takes them the
# other way round.
config=$(docker compose config)
printf '%s\n' "$config" |
  sed -e '/^name: /d' -e 's/^\( *cpus: \)\([0-9.]*\)$/\1"\2"/' -e 's/^\( *\(published\|size\): \)"\([0-9]*\)"$/\1\3/' |
  docker stack deploy --detach=false --compose-file - "$stack"

# Docker counts a service that was rolled back as deployed.
services=$(docker stack services --quiet "$stack")
# shellcheck disable=SC2086 # a list of names
states=$(docker service inspect --format '{{.Spec.Name}} {{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}' $services)
case $states in
  *rollback* | *paused*)
    echo "deploy-swarm.sh: not every service was updated; see 'docker service ps --no-trunc SERVICE' and 'docker service logs SERVICE':" >&2
    printf '%s\n' "$states" | grep -E 'rollback|paused' >&2
    exit 1
    ;;
esac
