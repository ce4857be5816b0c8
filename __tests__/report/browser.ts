import { type Browser, chromium } from 'playwright-core'

/** `--no-sandbox`: as root there is none. The only pages it opens are our own. */
export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
