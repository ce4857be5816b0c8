/** A small add-on that builds in a second on the test environment's busybox base and answers HTTP when it is well. */
export interface AddonOptions {
  /** `localhost:5000/base-tiny`. */
  readonly base: string
  readonly slug?: string
  readonly version?: string
  readonly image?: string
  readonly architectures?: readonly string[]
  /** More lines of the Dockerfile, before CMD. `$BUILD_ARCH` is set. */
  readonly build?: string
  readonly healthcheck?: string
  readonly command?: string
  readonly folder?: string
  /** More lines of config.yaml. */
  readonly config?: string
}

const defaultHealthcheck = 'HEALTHCHECK --interval=30s --timeout=5s CMD wget -q -O /dev/null http://127.0.0.1:8000/'

export function addonFiles(options: AddonOptions): Readonly<Record<string, string>> {
  const { slug = 'tiny', version = '1.2.3', architectures = ['amd64', 'aarch64', 'armv7'], folder = slug } = options
  const command =
    options.command ?? 'mkdir -p /tmp/www && echo ok > /tmp/www/index.html && exec httpd -f -p 8000 -h /tmp/www'
  return {
    [`${folder}/config.yaml`]: [
      'name: Tiny',
      `version: ${version}`,
      `slug: ${slug}`,
      'description: A small add-on for tests',
      `arch: [${architectures.join(', ')}]`,
      'init: true',
      'ports:',
      '  8000/tcp: 8000',
      'options:',
      '  greeting: hello',
      'schema:',
      '  greeting: str',
      ...(options.image ? [`image: ${options.image}`] : []),
      ...(options.config ? [options.config] : []),
      '',
    ].join('\n'),
    [`${folder}/build.yaml`]: [
      'build_from:',
      ...architectures.map((architecture) => `  ${architecture}: ${options.base}:${architecture}`),
      'args:',
      '  GREETING: "1.0"',
      'labels:',
      '  org.opencontainers.image.title: Tiny',
      '',
    ].join('\n'),
    [`${folder}/Dockerfile`]: [
      'ARG BUILD_FROM',
      'FROM $BUILD_FROM',
      'ARG BUILD_ARCH',
      'ARG GREETING',
      'RUN echo "$BUILD_ARCH $GREETING" > /built',
      ...(options.build ? [options.build] : []),
      options.healthcheck ?? defaultHealthcheck,
      `CMD ["sh", "-c", ${JSON.stringify(command)}]`,
      '',
    ].join('\n'),
  }
}
