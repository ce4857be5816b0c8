import { featureFlags } from '../addon.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Every key of an add-on's config. Source: the Supervisor's validate.py, _SCHEMA_APP_CONFIG and what it migrates. */
export const configKeys: readonly string[] = [
  ...words(`
    name version slug description arch machine url startup boot init advanced stage
    ports ports_description watchdog watchdog_restart_policy webui
    ingress ingress_port ingress_entry ingress_stream panel_icon panel_title panel_admin
    homeassistant host_network devices tmpfs map environment privileged apparmor full_access
    hassio_api hassio_role homeassistant_api auth_api services discovery
    backup_exclude backup_pre backup_post backup options schema image ulimits timeout breaking_versions`),
  ...featureFlags,
]

/** Keys that it still reads, or reports as removed. */
export const oldConfigKeys = words(
  'auto_uart snapshot_exclude snapshot_post snapshot_pre snapshot codenotary build maintainer',
)
