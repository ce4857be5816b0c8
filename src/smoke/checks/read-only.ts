import type { ContainerSpec } from '../../docker/containers.ts'
import type { SmokeCheck } from './check.ts'

export const readOnly: SmokeCheck = {
  name: 'read-only',
  defaultGate: 'warn',
  furtherRun: {
    manner: 'with a read-only root and tmpfs on /tmp, /run and /var/tmp',
    changeSpec: (spec) => ({
      ...spec,
      readOnly: true,
      // s6-overlay executes from /run.
      tmpfs: [
        ...['/tmp:exec', '/run:exec', '/var/tmp'].filter((path) => !isMounted(spec, path)),
        ...(spec.tmpfs ?? []).filter((path) => path !== '/tmp'),
      ],
    }),
  },
}

/** Docker refuses two mounts at one path. */
const isMounted = ({ mounts = [] }: ContainerSpec, tmpfs: string): boolean =>
  mounts.some(({ target }) => target === tmpfs.split(':')[0])
