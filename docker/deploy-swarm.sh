#!/bin/sh
# Brings the production stack up in a swarm of one machine, or updates it; waits until every service runs, and fails where an update was rolled back.
# Before the first call: docker swarm init, ./make-secrets.sh. Usage: ./deploy-swarm.sh [STACK]
# Environment: as for docker compose (AICLEANER_IMAGE, AICLEANER_VERSION, HTTPS_PORT …); COMPOSE_FILE: other files, in order, joined by colons.
set -eu
cd "$(dirname "$0")"

export COMPOSE_FILE="${COMPOSE_FILE:-docker-compose.yml:docker-compose.prod.yml:docker-compose.swarm.yml}" COMPOSE_PATH_SEPARATOR=:
# Only Compose reads !override and !reset. It writes numbers of processors as numbers and ports as texts, where `docker stack deploy` takes texts and
# numbers.
config=$(docker compose config)
printf '%s\n' "$config" |
  sed -e '/^name: /d' -e 's/^\( *cpus: \)\([0-9.]*\)$/\1"\2"/' -e 's/^\( *published: \)"\([0-9]*\)"$/\1\2/' |
  docker stack deploy --detach=false --compose-file - "${1:-aicleaner}"
