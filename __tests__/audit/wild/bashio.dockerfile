ARG BUILD_FROM
# hadolint ignore=DL3006
FROM ${BUILD_FROM}

SHELL ["/bin/bash", "-o", "pipefail", "-c"]

ARG BUILD_ARCH
ARG TEMPLATER=2024.11.2
RUN apk add --no-cache \
      jq=1.7.1-r0 \
      mosquitto-clients=2.0.20-r0 \
      # tells the modem apart
      usbutils=017-r0 \
    && curl -fsSL -o /usr/bin/templater "https://example.org/${TEMPLATER}/templater_${BUILD_ARCH}" \
    && chmod a+x /usr/bin/templater

COPY rootfs /

ARG BUILD_VERSION
LABEL \
    io.hass.name="Modem" \
    io.hass.type="addon" \
    io.hass.arch="${BUILD_ARCH}" \
    io.hass.version="${BUILD_VERSION}"
