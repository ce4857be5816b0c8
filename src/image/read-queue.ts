import pLimit from 'p-limit'

/** Images whose layers are read at the same time: a run may have a hundred, and compare each with another one. */
const mostAtOnce = 4

/** A turn to read a large image. `ready` resolves when it comes; the next one has to wait for `release`. */
export interface Turn {
  readonly ready: Promise<void>
  release(): void
}

/**
 * Limits the memory of a run: only a few images are read at the same time, and only one of them may be large. Everything that reads images in a
 * run shares one queue.
 */
export class ReadQueue {
  private readonly limit = pLimit(mostAtOnce)
  private last: Promise<void> = Promise.resolve()

  run<T>(read: () => Promise<T>): Promise<T> {
    return this.limit(read)
  }

  takeTurn(): Turn {
    const { promise, resolve } = Promise.withResolvers<void>()
    const ready = this.last
    this.last = ready.then(() => promise)
    return { ready, release: resolve }
  }
}
