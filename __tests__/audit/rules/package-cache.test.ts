import { big } from '../images.ts'
import { testDockerfiles, testImages } from '../rule-tests.ts'
import { based, builder, clean, withLines } from '../subjects.ts'

testDockerfiles('image/package-cache', {
  reports: [
    [withLines('RUN apk add curl'), 2],
    [withLines('RUN apt-get update && apt-get install -y curl'), 2],
    [withLines('RUN python3 -m pip install flask'), 2],
    [withLines('RUN apt-get update', 'RUN apt-get install -y x && rm -rf /var/lib/apt/lists/*'), 2],
    [withLines('RUN apk update && apk add --no-cache curl'), 2],
    [withLines('RUN npm ci --omit=dev'), 2],
    [withLines('RUN uv pip install --system flask'), 2],
  ],
  accepts: [
    [withLines('RUN apk add --no-cache curl')],
    [withLines('RUN apk update && apk add curl && rm -rf /var/cache/apk/*')],
    [withLines('RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*')],
    [withLines('RUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked apt-get install -y curl')],
    [withLines('ENV PIP_NO_CACHE_DIR=1', 'RUN pip install flask')],
    [withLines('RUN --mount=type=cache,target=/root/.cache pip install flask')],
    [`${builder}RUN apk add gcc\n${clean}`],
    // pip takes any value for a yes: https://github.com/pypa/pip/issues/5385
    [withLines('ENV PIP_NO_CACHE_DIR=false', 'RUN pip install flask')],
    [based('FROM ghcr.io/home-assistant/amd64-base-python:3.13\nRUN pip install flask')],
    [withLines('RUN pip install flask && rm -rf ~/.cache')],
    [withLines('ENV PIP_CACHE_DIR=/tmp/pip', 'RUN pip install flask && rm -rf /tmp/*')],
    [withLines('RUN apt-get install -y curl')],
    [withLines('RUN npm ci && npm cache clean --force')],
    [withLines('USER node', 'RUN --mount=type=cache,target=/home/node/.npm,uid=1000 npm ci')],
    [withLines('RUN uv pip install --system --no-cache flask')],
    [withLines('ENV UV_NO_CACHE=true', 'RUN uv pip install --system flask')],
  ],
})

testImages('image/package-cache', {
  reports: [
    ['lists of apt', { layers: [[{ path: 'var/lib/apt/lists/x', content: big }]] }, { bytes: 300_000 }],
    ['wheels of pip', { layers: [[{ path: 'root/.cache/pip/a/b', content: big }]] }, { bytes: 300_000 }],
  ],
  accepts: [
    ['lists of the base', {}],
    [
      'lists that a later layer deletes',
      { layers: [[{ path: 'var/lib/apt/lists/x', content: big }], [{ path: 'var/lib/apt/.wh.lists' }]] },
    ],
  ],
})
