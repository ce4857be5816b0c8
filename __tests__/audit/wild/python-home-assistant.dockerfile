ARG BUILD_FROM
FROM $BUILD_FROM

SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /usr/src

ARG SERVER_VERSION
COPY requirements.txt .
RUN apk add --no-cache --virtual .build-deps gcc musl-dev libffi-dev \
    && pip3 install -r requirements.txt "server==${SERVER_VERSION}" \
    && apk del --no-network .build-deps

COPY rootfs /
HEALTHCHECK --start-period=10m CMD /healthcheck.py
