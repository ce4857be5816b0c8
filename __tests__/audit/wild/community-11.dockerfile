ARG BUILD_FROM=ghcr.io/hassio-addons/base/amd64:11.1.1
FROM ${BUILD_FROM}

RUN apk add --no-cache --virtual .rclone-deps fuse=2.9.9-r1 tzdata=2022a-r0
RUN apk add --no-cache --virtual .build-dependencies make=4.3-r0 \
    && make --version

COPY rootfs /

RUN apk del --no-network .build-dependencies
