import { architecture } from './architecture.ts'
import { capabilities } from './capabilities.ts'
import type { SmokeCheck } from './check.ts'
import { files } from './files.ts'
import { hardware } from './hardware.ts'
import { init } from './init.ts'
import { log } from './log.ts'
import { memory } from './memory.ts'
import { network } from './network.ts'
import { options } from './options.ts'
import { probeTime } from './probe-time.ts'
import { readOnly } from './read-only.ts'
import { healthy, starts } from './readiness.ts'
import { restart } from './restart.ts'
import { settles } from './settles.ts'
import { sockets } from './sockets.ts'
import { startup } from './startup.ts'
import { stops } from './stops.ts'
import { supervisor } from './supervisor.ts'
import { user } from './user.ts'

/** All smoke checks, in the order in which a report lists them. */
export const checks: readonly SmokeCheck[] = [
  options,
  files,
  architecture,
  starts,
  healthy,
  probeTime,
  startup,
  memory,
  settles,
  sockets,
  user,
  init,
  supervisor,
  log,
  hardware,
  stops,
  restart,
  readOnly,
  capabilities,
  network,
]

export const checkNames: readonly string[] = checks.map(({ name }) => name)
