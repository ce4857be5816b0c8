/** Are the installed packages those of the lock file? Both as text; `installedText`: what npm left in node_modules. */
export function isInstalled(lockText: string, installedText: string | undefined): boolean

/** Installs what the package-lock.json of a folder asks for; the seconds that it took. `what`: names it in the message. */
export declare function installPackages(folder: string, what: string): number
