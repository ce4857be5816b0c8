/** The distribution, from os-release(5). */
export interface Release {
  /** `debian`, `ubuntu`, … */
  readonly id: string
  /** `12`, `24.04`; empty on testing and unstable. */
  readonly version: string
  /** `bookworm`, `noble`; may be empty. */
  readonly codename: string
}

/** Pure: reads the text of /etc/os-release. */
export function readRelease(text: string): Release {
  const value = (name: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2') ?? ''
  return { id: value('ID'), version: value('VERSION_ID'), codename: value('VERSION_CODENAME') }
}
