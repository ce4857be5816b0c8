#!/bin/sh
# Creates the secrets for docker-compose.prod.yml: random passwords, and a self-signed certificate to use until you have a real one.
# Keeps existing files. Usage: ./make-secrets.sh [FOLDER] [HOST]
set -eu

folder=${1:-"$(dirname "$0")/secrets"}
host=${2:-localhost}

# The folder denies access to other users of this machine. The files must be readable for any user ID in the containers.
mkdir -p "$folder"
chmod 700 "$folder"
umask 022

for name in api_token redis_password grafana_admin_password; do
  [ -s "$folder/$name" ] || openssl rand -hex 24 | tr -d '\n' >"$folder/$name"
done

if ! [ -s "$folder/tls_certificate" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
    -keyout "$folder/tls_key" -out "$folder/tls_certificate" \
    -subj "/CN=$host" -addext "subjectAltName=DNS:$host" -addext "keyUsage=digitalSignature" 2>/dev/null
  chmod 644 "$folder/tls_key"
fi

echo "Secrets are in $folder."
