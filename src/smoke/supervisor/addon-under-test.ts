import { hostnameOf } from '../container/spec.ts'
import type { SmokeContext } from '../context.ts'
import type { AddonUnderTest } from './info.ts'

/** The add-on as the Supervisor's API describes it. What is not in config.yaml comes from labels. */
export function addonUnderTest(context: SmokeContext, address: string, supervisorAddress: string): AddonUnderTest {
  const { target, image, options, addonOptions, ingressPort, patterns } = context
  const label = (name: string): string => target.labels.get(name) ?? image.labels.get(name) ?? ''
  return {
    ...{ ingressPort, address, supervisorAddress },
    slug: target.addon,
    hostname: hostnameOf(target.addon),
    name: label('io.hass.name') || target.addon,
    description: label('io.hass.description'),
    version: label('io.hass.version') || target.buildArguments.get('BUILD_VERSION') || 'dev',
    url: label('io.hass.url'),
    architecture: target.architecture,
    options: addonOptions,
    ...(patterns && { patterns }),
    run: target.run,
    services: options.smokeServices ?? {},
  }
}
