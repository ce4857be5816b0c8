import { testDockerfiles } from '../rule-tests.ts'
import { addon, based, clean, withLines } from '../subjects.ts'

testDockerfiles('dockerfile/base-not-pinned', {
  reports: [
    [based('FROM debian'), 1],
    [based('FROM debian:latest'), 1],
    [based('FROM localhost:5000/debian'), 1],
    [based('ARG BASE=alpine:edge\nFROM $BASE'), 2],
    [`FROM golang AS builder\n${clean}`, 1],
    [based('FROM node:lts-slim'), 1],
    [withLines('COPY --from=ghcr.io/astral-sh/uv:latest /uv /bin/'), 2],
    [withLines('RUN --mount=type=bind,from=node,target=/node true'), 2],
  ],
  accepts: [
    [based('FROM debian:12')],
    [based(`FROM debian@sha256:${'a'.repeat(64)}`)],
    [based('FROM scratch')],
    [based(`ARG BASE\nFROM \${BASE:-alpine:3.20}`)],
    [`FROM base:2 AS latest\n${based('FROM latest')}`],
    [`FROM base:2 AS Build\n${withLines('COPY --from=build /a /', 'COPY --from=0 /b /')}`],
    [withLines('COPY --from=wheels / /wheels'), { target: addon({ buildContexts: new Map([['wheels', 'dist']]) }) }],
  ],
})
