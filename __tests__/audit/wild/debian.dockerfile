ARG BUILD_ARCH=amd64
ARG BUILD_FROM=ghcr.io/hassio-addons/debian-base/${BUILD_ARCH}:7.8.3
FROM ${BUILD_FROM}

ENV DAEMON_VERSION='2.3.1-1'
RUN apt-get update && apt-get -y --no-install-recommends install wget=1.21.3-1+deb12u1 gnupg &&\
    wget -qO /usr/share/keyrings/daemon.gpg https://example.org/daemon.gpg &&\
    echo "deb [signed-by=/usr/share/keyrings/daemon.gpg] https://example.org/debian bookworm main" > /etc/apt/sources.list.d/daemon.list &&\
    apt-get update &&\
    apt-get -y --no-install-recommends install daemon=${DAEMON_VERSION} python3-pip sudo &&\
    apt-get -y purge wget gnupg && apt-get -y autoremove && apt-get clean && rm -fr /var/lib/apt/lists/*
RUN pip install --break-system-packages extension==3.40.0
RUN echo "daemon ALL=NOPASSWD: /usr/local/bin/scan" >> /etc/sudoers

COPY daemon.conf /var/lib/daemon/daemon.conf
COPY run.sh /
RUN chmod a+x /run.sh
CMD ["/run.sh"]
