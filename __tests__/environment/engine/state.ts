/** What can be seen of a Docker engine from outside. */
export interface EngineState {
  /** Does the socket answer this user? */
  readonly answer: 'yes' | 'denied' | 'no'
  /** dockerd is installed. */
  readonly installed: boolean
  /** The process that its pid file names. */
  readonly daemon: 'none' | 'alive' | 'gone'
  /** A containerd that an earlier dockerd started. */
  readonly containerd: 'none' | 'alive' | 'gone'
  readonly systemd: boolean
  readonly rights: 'root' | 'sudo' | 'none'
}

/** What to do about it. */
export type EngineStep =
  | { readonly do: 'use' }
  /** It runs, but not for this user. */
  | { readonly do: 'open' }
  /** It is coming up, or hangs: nobody can tell yet. */
  | { readonly do: 'wait' }
  | { readonly do: 'start'; readonly by: 'systemd' | 'hand'; readonly clean: readonly Leftover[] }
  | { readonly do: 'give-up'; readonly because: string }

export type Leftover = 'daemon' | 'pid-file' | 'containerd'

/**
 * Decides. Pure. `waited`: a daemon that lives was given its time and still does not answer. `inUse`: another run of the tests works with it.
 * A daemon that answers is never touched, and one that lives only after it had its time.
 */
export function decideEngine(state: EngineState, waited = false, inUse = false): EngineStep {
  if (state.answer === 'yes') return { do: 'use' }
  const mayAct = state.rights !== 'none'
  if (state.answer === 'denied') {
    return mayAct ? { do: 'open' } : { do: 'give-up', because: 'this user may not reach the socket of Docker' }
  }
  if (state.daemon === 'alive' && !waited) return { do: 'wait' }
  if (!state.installed) return { do: 'give-up', because: 'dockerd is not installed' }
  if (!mayAct) return { do: 'give-up', because: 'Docker does not run, and this user may not start it' }
  // It may only have too much to do.
  if (state.daemon === 'alive' && inUse) {
    return { do: 'give-up', because: 'Docker does not answer, and another run of the tests works with it' }
  }
  const clean: Leftover[] = []
  if (state.daemon === 'alive') clean.push('daemon')
  if (state.daemon !== 'none') clean.push('pid-file')
  if (state.containerd !== 'none') clean.push('containerd')
  return { do: 'start', by: state.systemd ? 'systemd' : 'hand', clean }
}
