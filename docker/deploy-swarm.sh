#!/bin/sh
# Deploys or updates the production stack in a single-node swarm. Waits until every service runs; fails if an update was rolled back.
# Usage: ./deploy-swarm.sh [STACK]
# Before the first deployment, run: docker swarm init && ./make-secrets.sh
# Environment variables: those of the Compose files (AICLEANER_IMAGE, AICLEANER_VERSION, HTTPS_PORT …), and COMPOSE_FILE to use other files,
# separated by colons.
set -eu
cd "$(dirname "$0")"
stack=${1:-aicleaner}

export COMPOSE_FILE="${COMPOSE_FILE:-docker-compose.yml:docker-compose.prod.yml:docker-compose.swarm.yml}" COMPOSE_PATH_SEPARATOR=:
# Only Compose understands !override and !reset. It prints CPU limits as numbers, and ports and sizes as strings; `docker stack deploy` expects the
# reverse.
config=$(docker compose config)
printf '%s\n' "$config" |
  sed -e '/^name: /d' -e 's/^\( *cpus: \)\([0-9.]*\)$/\1"\2"/' -e 's/^\( *\(published\|size\): \)"\([0-9]*\)"$/\1\3/' |
  docker stack deploy --detach=false --compose-file - "$stack"

# `docker stack deploy` succeeds even if a service was rolled back.
services=$(docker stack services --quiet "$stack")
# shellcheck disable=SC2086 # splits the list into names
states=$(docker service inspect --format '{{.Spec.Name}} {{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}' $services)
case $states in
  *rollback* | *paused*)
    echo "deploy-swarm.sh: these services were not updated; see 'docker service ps --no-trunc SERVICE' and 'docker service logs SERVICE':" >&2
    printf '%s\n' "$states" | grep -E 'rollback|paused' >&2
    exit 1
    ;;
esac
