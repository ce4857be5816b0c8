ARG BUILD_FROM
ARG BUILD_UPSTREAM="1.1.2"
FROM ${BUILD_FROM}${BUILD_UPSTREAM}

ENV S6_CMD_WAIT_FOR_SERVICES=1 \
    S6_SERVICES_GRACETIME=0
ARG CONFIGLOCATION="/config/addons_config/subtitles"
RUN for file in $(grep -srl "PUID" /etc/cont-init.d /etc/s6-overlay/s6-rc.d); do sed -i "1a mkdir -p $CONFIGLOCATION" $file; done \
    && if [ ! -f /usr/bin/lsiown ]; then sed -i "s|lsiown|chown|g" /etc/s6-overlay/s6-rc.d/*/run; fi

COPY rootfs/ /
RUN if [ -d /etc/cont-init.d ]; then chmod -R 755 /etc/cont-init.d; fi

ENV PACKAGES="jq cifs-utils"
RUN if command -v apk; then apk add --no-cache $PACKAGES; \
    else apt-get update && apt-get install -yqq --no-install-recommends $PACKAGES && rm -rf /var/lib/apt/lists/*; fi
