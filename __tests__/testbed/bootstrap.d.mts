/** Are the installed packages those of the lock file? Both as text; `installedText`: what npm left in node_modules. */
export function isInstalled(lockText: string, installedText: string | undefined): boolean
