"""Calls every method of the real client of the Supervisor, and prints one line for each."""

import asyncio
import inspect
import json
import os
from pathlib import PurePosixPath
from uuid import UUID

from aiohasupervisor import SupervisorClient, models
from aiohasupervisor.models.mounts import MountUsage
from aiohasupervisor.models.os import BootSlotName, SwapOptions
from aiohasupervisor.models.plugins import Plugin

ADDON = "local_client"
BACKUP = "abc12345"
UNKNOWN = UUID("0123456789abcdef0123456789abcdef")
SHARE = models.NFSMountRequest(server="192.0.2.1", path=PurePosixPath("/share"), usage=MountUsage.SHARE)


async def archive():
    yield b"no archive"


# By component and method. All others have no required arguments, so that a new method of the client is not overlooked.
ARGUMENTS = {
    "addons.addon_config": [ADDON],
    "addons.addon_config_validate": [ADDON, {"level": 1}],
    "addons.addon_info": [ADDON],
    "addons.addon_logs": [ADDON],
    "addons.addon_stats": [ADDON],
    "addons.set_addon_options": [ADDON, models.AddonsOptions(config={"level": 2})],
    "addons.set_addon_security": [ADDON, models.AddonsSecurityOptions(protected=True)],
    "addons.write_addon_stdin": [ADDON, b"text"],
    "backups.backup_info": [BACKUP],
    "backups.download_backup": [BACKUP],
    "backups.full_restore": [BACKUP],
    "backups.partial_backup": [models.PartialBackupOptions(homeassistant=True)],
    "backups.partial_restore": [BACKUP, models.PartialRestoreOptions(homeassistant=True)],
    "backups.remove_backup": [BACKUP],
    "backups.set_options": [models.BackupsOptions(days_until_stale=10)],
    "backups.upload_backup": [archive()],
    "discovery.delete": [UNKNOWN],
    "discovery.get": [UNKNOWN],
    "discovery.set": [models.DiscoveryConfig(service="mqtt", config={"host": "client", "port": 1883})],
    "homeassistant.set_options": [models.HomeAssistantOptions(watchdog=True)],
    "host.set_options": [models.HostOptions(hostname="device")],
    "ingress.validate_session": ["unknown"],
    "jobs.delete_job": [UNKNOWN],
    "jobs.get_job": [UNKNOWN],
    "jobs.set_options": [models.JobsOptions(ignore_conditions=[])],
    "mounts.create_mount": ["share", SHARE],
    "mounts.delete_mount": ["share"],
    "mounts.options": [models.MountsOptions(default_backup_mount=None)],
    "mounts.reload_mount": ["share"],
    "mounts.update_mount": ["share", SHARE],
    "network.access_points": ["eth0"],
    "network.interface_info": ["eth0"],
    "network.save_vlan": ["eth0", 1],
    "network.update_interface": ["eth0", models.NetworkInterfaceConfig(enabled=True)],
    "os.migrate_data": [models.MigrateDataOptions(device="/dev/sda")],
    "os.set_boot_slot": [models.SetBootSlotOptions(boot_slot=BootSlotName.A)],
    "os.set_green_options": [models.GreenOptions(power_led=True)],
    "os.set_swap_options": [SwapOptions(swappiness=1)],
    "os.set_yellow_options": [models.YellowOptions(power_led=True)],
    "plugins.logs": [Plugin.DNS],
    "resolution.apply_suggestion": [UNKNOWN],
    "resolution.check_options": ["backups", models.CheckOptions(enabled=True)],
    "resolution.dismiss_issue": [UNKNOWN],
    "resolution.dismiss_suggestion": [UNKNOWN],
    "resolution.run_check": ["backups"],
    "resolution.suggestions_for_issue": [UNKNOWN],
    "store.add_repository": [models.StoreAddRepository(repository="https://example.com/addons")],
    "store.addon_availability": [ADDON],
    "store.addon_changelog": [ADDON],
    "store.addon_documentation": [ADDON],
    "store.addon_info": [ADDON],
    "store.install_addon": [ADDON],
    "store.remove_repository": ["core"],
    "store.repair_repository": ["core"],
    "store.repository_info": ["core"],
    "store.update_addon": [ADDON],
    "supervisor.set_options": [models.SupervisorOptions(debug=False)],
    "time.set_options": [models.TimeOptions(servers=[])],
}

# They end the add-on, or this machine.
NOT_CALLED = {
    "addons.rebuild_addon",
    "addons.restart_addon",
    "addons.start_addon",
    "addons.stop_addon",
    "addons.uninstall_addon",
    "host.reboot",
    "host.shutdown",
    "supervisor.restart",
}


async def call(name, method):
    if name in NOT_CALLED:
        return
    try:
        answer = await method(*ARGUMENTS.get(name, []))
        # A log is read as it arrives.
        if hasattr(answer, "__aiter__"):
            answer = [part async for part in answer]
        print(json.dumps({"method": name, "type": type(answer).__name__}), flush=True)
    except Exception as error:  # noqa: BLE001
        text = f"{type(error).__name__}: {error}".splitlines()[0]
        print(json.dumps({"method": name, "error": text[:300]}), flush=True)


async def main():
    async with SupervisorClient("http://supervisor", os.environ["SUPERVISOR_TOKEN"]) as client:
        for component, _ in inspect.getmembers(type(client), lambda one: isinstance(one, property)):
            part = getattr(client, component)
            for name, method in inspect.getmembers(part, inspect.iscoroutinefunction):
                if not name.startswith("_") and name != "close":
                    await call(f"{component}.{name}", method)
        for name, method in inspect.getmembers(client, inspect.iscoroutinefunction):
            if not name.startswith("_") and name != "close":
                await call(name, method)


asyncio.run(main())
