ARG BUILD_FROM
ARG UPSTREAM=1.7.8
FROM example/engine:v${UPSTREAM} AS upstream

FROM ${BUILD_FROM}
RUN apt-get update
RUN apt-get install -y --no-install-recommends procps tmux \
    && rm -rf /var/lib/apt/lists/*
COPY --from=upstream /usr/local/bin/engine /usr/local/bin/engine
COPY --from=upstream /etc/engine /etc/engine
# Reference for users
COPY --from=example/engine:v1.7.8 /staging/notifications /etc/engine/notifications
RUN mkdir -p /staging/data && touch /staging/data/engine.db
COPY rootfs /
