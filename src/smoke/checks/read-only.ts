import { textBefore } from '../../core/text.ts'
import { isMounted } from '../container/mount-conflicts.ts'
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
        ...['/tmp:exec', '/run:exec', '/var/tmp'].filter((tmpfs) => !isMounted(spec, textBefore(tmpfs, ':'))),
        ...(spec.tmpfs ?? []).filter((path) => path !== '/tmp'),
      ],
    }),
  },
}
