import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The browser of this machine: `CHROMIUM`, or one of the names under which distributions install it. */
export function browserPath(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  const candidates = [
    ...(environment.CHROMIUM ? [environment.CHROMIUM] : []),
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
  ]
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
