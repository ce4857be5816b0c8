/** How long the Supervisor waits until an add-on that has a HEALTHCHECK is healthy. Source: addons/addon.py, STARTUP_TIMEOUT. */
export const supervisorStartupTimeoutMs = 120_000
