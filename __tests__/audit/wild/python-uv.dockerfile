FROM python:3.13-slim-bookworm AS builder
COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/
WORKDIR /app
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-dev --no-install-project
COPY src ./src
RUN --mount=type=cache,target=/root/.cache/uv uv sync --locked --no-dev

FROM python:3.13-slim-bookworm
RUN <<EOF
set -e
apt-get update
apt-get install -y --no-install-recommends libusb-1.0-0
apt-get clean
rm -rf /var/lib/apt/lists/*
groupadd -g 1000 app
useradd -u 1000 -g app -m app
EOF
COPY --from=builder --chown=app:app /app /app
ENV PATH=/app/.venv/bin:$PATH \
    MQTT_PASSWORD="" \
    TOKEN_FILE=/data/token
USER app
HEALTHCHECK CMD ["python", "-m", "bridge.health"]
ENTRYPOINT ["python", "-m", "bridge"]
