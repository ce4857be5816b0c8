ARG BUILD_FROM=ghcr.io/hassio-addons/base:17.2.1
FROM ${BUILD_FROM}

RUN apk update && apk add nginx php83-fpm && rm -rf /var/cache/apk/* /tmp/*

ARG RELEASE=5.1.2
ADD https://example.org/shop-${RELEASE}.tar.gz /tmp/shop.tar.gz
RUN mkdir /var/www/shop \
    && tar -xzf /tmp/shop.tar.gz -C /var/www/shop \
    && rm /tmp/shop.tar.gz
COPY rootfs/ /
RUN chmod a+x /etc/services.d/*/run && chown -R nginx:nginx /var/www/shop
