/** Names that docker's env file can hold. */
export const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Bytes. Linux limits `KEY=value` to 128 KiB (MAX_ARG_STRLEN), both in an environment and as an argument. */
export const maxVariableBytes = 131_000

/** Bytes. Docker cannot read lines of env files over 64 KiB (bufio.MaxScanTokenSize). */
const maxEnvFileLineBytes = 65_000

/** Length of `NAME=value` in bytes. */
export const variableBytes = (name: string, value: string): number =>
  Buffer.byteLength(name) + 1 + Buffer.byteLength(value)

/** Whether a line of docker's env file can hold it. The file has no escapes, so it cannot hold a value of several lines. */
export const fitsOnLine = (name: string, value: string): boolean =>
  !/[\r\n]/.test(value) && variableBytes(name, value) <= maxEnvFileLineBytes

/** Whether a process can have it in its environment. */
export const fitsEnvironment = (name: string, value: string): boolean =>
  variableName.test(name) && !value.includes('\0') && variableBytes(name, value) <= maxVariableBytes

/** Names that docker, its helpers, ssh, Go, a shell or the dynamic linker read: they would change the docker command on this machine. */
const reserved =
  /^(PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|ENV|BASH_ENV|IFS|TERM|TZ|ZONEINFO|LANG|LANGUAGE|LC_.*|TMP|TEMP|TMPDIR|XDG_.*|LD_.*|DYLD_.*|GLIBC_.*|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|LOCALDOMAIN|RES_OPTIONS|RESOLV_.*|MALLOC_.*|DOCKER_.*|BUILDX_.*|BUILDKIT_.*|COMPOSE_.*|MOBY_.*|SSH_.*|DISPLAY|.*_PROXY|GO[A-Z0-9]*|CGO_.*|SSL_CERT_.*|SSLKEYLOGFILE|OTEL_.*|KUBECONFIG|GNUPGHOME|GPG_.*|PASSWORD_STORE_.*|DBUS_.*|GIT_.*|NODE_.*|PYTHON.*|PERL.*|RUBY.*)$/i

export const isReserved = (name: string): boolean => reserved.test(name)

/** The eight that add-ons use; BUILD_FROM is set only if build.yaml has one, so that the Dockerfile's default applies. */
export const automaticNames = [
  'BUILD_ARCH',
  'BUILD_DATE',
  'BUILD_DESCRIPTION',
  'BUILD_FROM',
  'BUILD_NAME',
  'BUILD_REF',
  'BUILD_REPOSITORY',
  'BUILD_VERSION',
] as const
