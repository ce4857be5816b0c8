/** The observed state of a Docker engine. */
export interface EngineState {
  /** Does the engine answer this user? */
  readonly answer: 'yes' | 'denied' | 'no'
  /** dockerd is installed. */
  readonly installed: boolean
  /** State of the process in its pid file. */
  readonly daemon: 'none' | 'alive' | 'gone'
  /** A containerd that an earlier dockerd started. */
  readonly containerd: 'none' | 'alive' | 'gone'
  readonly systemd: boolean
  readonly rights: 'root' | 'sudo' | 'none'
}

/** The next step to make the engine usable. */
export type EngineStep =
  | { readonly do: 'use' }
  /** It runs, but its socket is not accessible to this user. */
  | { readonly do: 'open' }
  /** It is starting, or it hangs: not known yet. */
  | { readonly do: 'wait' }
  | { readonly do: 'start'; readonly by: 'systemd' | 'script'; readonly clean: readonly Leftover[] }
  | { readonly do: 'fail'; readonly because: string }

export type Leftover = 'daemon' | 'pid-file' | 'containerd'

/**
 * Decides the next step. Pure. `waited`: the daemon still does not answer after the timeout. `inUse`: another test run uses it.
 * A daemon that answers is never restarted; a running daemon is restarted only after the timeout.
 */
export function decideEngine(state: EngineState, waited = false, inUse = false): EngineStep {
  if (state.answer === 'yes') return { do: 'use' }
  const mayAct = state.rights !== 'none'
  if (state.answer === 'denied') {
    return mayAct ? { do: 'open' } : { do: 'fail', because: 'this user may not access the socket of Docker' }
  }
  if (state.daemon === 'alive' && !waited) return { do: 'wait' }
  if (!state.installed) return { do: 'fail', because: 'dockerd is not installed' }
  if (!mayAct) return { do: 'fail', because: 'Docker is not running, and this user may not start it' }
  // It may only be overloaded.
  if (state.daemon === 'alive' && inUse) {
    return { do: 'fail', because: 'Docker does not answer, and another test run is using it' }
  }
  const clean: Leftover[] = []
  if (state.daemon === 'alive') clean.push('daemon')
  if (state.daemon !== 'none') clean.push('pid-file')
  if (state.containerd !== 'none') clean.push('containerd')
  return { do: 'start', by: state.systemd ? 'systemd' : 'script', clean }
}
