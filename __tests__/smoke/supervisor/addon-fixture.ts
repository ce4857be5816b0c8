import type { RunConfig } from '../../../src/addon/addon.ts'
import type { AddonUnderTest } from '../../../src/smoke/supervisor/info.ts'
import { runConfig } from '../../fixtures/target.ts'

export const addon = (run: Partial<RunConfig> = {}, changes: Partial<AddonUnderTest> = {}): AddonUnderTest => ({
  slug: 'my_addon',
  hostname: 'my-addon',
  name: 'My add-on',
  description: '',
  version: '1.2.3',
  url: '',
  architecture: 'aarch64',
  options: { level: 'info' },
  ingressPort: 8099,
  run: runConfig(run),
  services: {},
  protected: true,
  address: '127.0.0.1',
  supervisorAddress: '172.30.32.2',
  ...changes,
})

export const admin = { hassioApi: true, hassioRole: 'admin', homeassistantApi: true, authApi: true }
