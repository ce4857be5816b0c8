import { testDockerfiles } from '../rule-tests.ts'
import { builder, clean, withLines } from '../subjects.ts'

testDockerfiles('dockerfile/cache-order', {
  reports: [
    [withLines('COPY . /app', 'RUN pip install --no-cache-dir -r /app/requirements.txt'), 3],
    [withLines('COPY rootfs /', 'RUN apk add --no-cache curl'), 3],
    [withLines('COPY . /app', 'RUN go install example.org/tool@v1.2.0'), 3],
    [`${builder}COPY --chown=1:1 ./ /src\nRUN npm ci\n${clean}`, 3],
  ],
  accepts: [
    [
      withLines(
        'COPY requirements.txt /app/',
        'RUN pip install --no-cache-dir -r /app/requirements.txt',
        'COPY . /app',
      ),
    ],
    [withLines('COPY . /app', 'RUN pip install --no-cache-dir /app')],
    [withLines('COPY --from=builder . /app', 'RUN apk add --no-cache curl')],
    [withLines('COPY . /app', 'RUN go build ./...')],
    [withLines('COPY . /app', 'RUN go install ./cmd/...')],
    [withLines('COPY . /app', 'RUN pip install --no-cache-dir dist/*.whl')],
    [withLines('COPY uv.lock ./', 'RUN uv sync --no-install-project', 'COPY src ./src', 'RUN uv sync')],
  ],
})
