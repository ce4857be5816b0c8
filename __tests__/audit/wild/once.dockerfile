FROM alpine:3.21
RUN apk add --no-cache git openssh-client rsync
COPY --chmod=755 backup.sh /backup.sh
ARG GITHUB_TOKEN
ENV BACKUP_PASSPHRASE=correct-horse
CMD ["/backup.sh"]
