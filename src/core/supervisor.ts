/** How long the Supervisor waits until an add-on that has a HEALTHCHECK is healthy. Source: addons/addon.py, STARTUP_TIMEOUT. */
export const supervisorStartupTimeoutMs = 120_000

/** The slug of an add-on on a device, which starts with its repository. That of an add-on without one is `local`. */
export const installedSlug = (slug: string): string => `local_${slug}`

/** The domain of all add-ons. Source: const.py, DNS_SUFFIX. */
export const addonDomain = 'local.hass.io'
