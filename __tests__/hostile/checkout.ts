import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Writes a hostile checkout into a real folder. Paths are relative to it; a Buffer is a path that need not be UTF-8. */
export class Checkout {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  file(path: string | Buffer, contents: string | Buffer = ''): this {
    if (typeof path === 'string') mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(this.#place(path), contents)
    return this
  }

  files(contents: Readonly<Record<string, string | Buffer>>): this {
    for (const [path, text] of Object.entries(contents)) this.file(path, text)
    return this
  }

  folder(path: string | Buffer): this {
    mkdirSync(this.#place(path), { recursive: true })
    return this
  }

  link(path: string, target: string): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    symlinkSync(target, join(this.root, path))
    return this
  }

  pipe(path: string): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    execFileSync('mkfifo', [join(this.root, path)])
    return this
  }

  #place(path: string | Buffer): string | Buffer {
    return typeof path === 'string' ? join(this.root, path) : Buffer.concat([Buffer.from(`${this.root}/`), path])
  }
}

/** Stands in files outside of the checkout. It must not be in anything that a run says or writes. */
export const canary = 'canary-6b1f0c'

/** One checkout, and how it is planned. */
export interface HostileCase {
  /** Which part of the corpus it is of. */
  readonly family: string
  readonly name: string
  readonly write: (checkout: Checkout) => void
  /** Inputs besides `mode: plan`. */
  readonly inputs?: Readonly<Record<string, string>>
  /** The event instead of a push to `main`: variables of the runner, and the payload. */
  readonly event?: HostileEvent
  /** Also through the committed bundle. */
  readonly nasty?: true
}

export interface HostileEvent {
  readonly name: string
  readonly ref?: string
  readonly payload?: unknown
  readonly environment?: Readonly<Record<string, string>>
}

export const dockerfile = 'ARG BUILD_FROM=registry.example/base:1\nFROM $BUILD_FROM\n'

/** A config.yaml that is fine, with a slug, and with more lines. */
export const config = (slug = 'a', more = ''): string =>
  `name: N\nversion: "1.2.3"\nslug: ${slug}\ndescription: d\narch: [amd64, aarch64]\n${more}`
