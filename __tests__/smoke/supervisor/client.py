"""Calls every method of the real client of the Supervisor that needs no more than the arguments below, and prints one line for each."""

import asyncio
import inspect
import json
import os
from uuid import UUID

from aiohasupervisor import SupervisorClient

ADDON = "local_client"
UNKNOWN = UUID("0123456789abcdef0123456789abcdef")

# By component and method; for all others without required arguments: none.
ARGUMENTS = {
    "addons.addon_info": [ADDON],
    "addons.addon_stats": [ADDON],
    "addons.addon_config_validate": [ADDON, {"level": 1}],
    "addons.addon_config": [ADDON],
    "addons.set_addon_options": None,
    "backups.backup_info": ["abc12345"],
    "backups.remove_backup": ["abc12345"],
    "discovery.get": [UNKNOWN],
    "discovery.delete": [UNKNOWN],
    "jobs.get_job": [UNKNOWN],
    "jobs.delete_job": [UNKNOWN],
    "network.interface_info": ["eth0"],
    "network.access_points": ["eth0"],
    "resolution.suggestions_for_issue": [UNKNOWN],
    "resolution.dismiss_issue": [UNKNOWN],
    "store.addon_info": [ADDON],
    "store.addon_availability": [ADDON],
    "store.repository_info": ["core"],
    # They end the add-on, or this machine.
    "host.reboot": None,
    "host.shutdown": None,
    "supervisor.restart": None,
}


def required(method):
    parameters = inspect.signature(method).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [one.name for one in parameters if one.default is one.empty and one.kind in kinds]


async def call(name, method):
    arguments = ARGUMENTS.get(name, [])
    if arguments is None or (not arguments and required(method)):
        return
    try:
        answer = await method(*arguments)
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
