ARG BUILD_FROM=ghcr.io/home-assistant/amd64-base:3.21
FROM $BUILD_FROM

SHELL ["/bin/bash", "-o", "pipefail", "-c"]

# Broker and its plugin, which has no package
WORKDIR /usr/src
ARG PLUGIN=1.4.0
RUN set -eux; \
    apk add --no-cache broker nginx pwgen; \
    apk add --no-cache --virtual .build-dependencies \
        build-base curl-dev git openssl-dev; \
    git clone --depth 1 -b "v${PLUGIN}" https://example.org/plugin.git plugin; \
    make -C plugin -j"$(nproc)"; \
    install -D plugin/auth.so /usr/share/broker/auth.so; \
    apk del --no-cache .build-dependencies; \
    rm -rf /usr/src/plugin /etc/nginx/* /var/www

COPY rootfs /
WORKDIR /
HEALTHCHECK --interval=1m --timeout=5s CMD nc -z localhost 1883
