FROM node:lts-slim
ENV DEBIAN_FRONTEND=noninteractive TZ=Etc/UTC
RUN apt-get update
RUN apt-get install -y chromium fonts-noto-cjk build-essential
WORKDIR /app
COPY . .
RUN npm install && npm run build
USER node
RUN npx playwright install
CMD ["node", "server.js"]
