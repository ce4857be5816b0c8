import { gunzipSync } from 'node:zlib'
import { homeAssistantVersion } from '../supervisor/home-assistant.ts'
import type { FolderFile, FolderName } from './folders.ts'

/** The files of a fresh installation, and a certificate, which an add-on with `ssl` cannot do without. Only those of the given folders. */
export async function defaultFiles(folders: ReadonlySet<FolderName>, now: number): Promise<readonly FolderFile[]> {
  const files: FolderFile[] = []
  if (folders.has('ssl')) {
    const { selfSigned } = await import('./certificate.ts')
    const { certificate, privateKey } = selfSigned('homeassistant.local', now)
    files.push({ folder: 'ssl', path: 'fullchain.pem', content: certificate, mode: 0o644 })
    files.push({ folder: 'ssl', path: 'privkey.pem', content: privateKey, mode: 0o600 })
  }
  if (folders.has('homeassistant')) {
    const { recorderDatabase } = await import('./recorder-database.ts')
    const database = gunzipSync(Buffer.from(recorderDatabase, 'base64'))
    const configuration = [...configurationFiles, ['home-assistant_v2.db', database] as const]
    files.push(
      ...configuration.map(([path, content]): FolderFile => ({ folder: 'homeassistant', path, content, mode: 0o644 })),
    )
  }
  return files
}

/** What Home Assistant writes when it starts for the first time. Source: homeassistant/config.py, DEFAULT_CONFIG. */
const configurationFiles: readonly (readonly [string, string])[] = [
  ['.HA_VERSION', homeAssistantVersion],
  ['automations.yaml', '[]\n'],
  ['scripts.yaml', ''],
  ['scenes.yaml', ''],
  [
    'secrets.yaml',
    `
# Use this file to store secrets like usernames and passwords.
# Learn more at https://www.home-assistant.io/docs/configuration/secrets/
some_password: welcome
`,
  ],
  [
    'configuration.yaml',
    `
# Loads default set of integrations. Do not remove.
default_config:

# Load frontend themes from the themes folder
frontend:
  themes: !include_dir_merge_named themes

automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml
`,
  ],
]
