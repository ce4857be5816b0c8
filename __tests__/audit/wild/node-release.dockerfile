ARG BUILD_FROM
FROM $BUILD_FROM AS base
ENV NODE_ENV=production
RUN apk add --no-cache nodejs tini eudev && \
    # fails early where the base has none
    curl --version

FROM base AS build
RUN apk add --no-cache --virtual .tools npm make gcc g++ linux-headers git python3
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY lib lib
RUN npm run build

FROM base AS release
WORKDIR /app
COPY rootfs /
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
HEALTHCHECK --interval=30s --start-period=60s CMD curl -fs http://localhost:8099/ || exit 1
ENTRYPOINT ["/sbin/tini", "--", "/docker-entrypoint.sh"]
