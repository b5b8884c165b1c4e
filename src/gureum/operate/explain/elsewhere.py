"""What else belongs to a value: the other end of a secret, who listens, the file that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gureum.config.setting import Setting
from gureum.config.text import plain
from gureum.operate.explain.answer import Related
from gureum.operate.explain.scene import Scene
from gureum.services.rabbitmq import queue_users
from gureum.state.secrets import Secret

_ADDRESS = re.compile(r"([\w.-]+):(\d{2,5})(?![\w.])")
_MOST = 8


def related(
    scene: Scene, address: tuple[str, str, str], host: str, setting: Setting
) -> tuple[Related, ...]:
    """Return what belongs to the value of the option at `address`, each thing once."""
    found = [
        *_secret_ends(scene, address, setting),
        *_listeners(scene, setting),
        *_paths(scene, host, setting),
        *_same(scene, address, setting),
    ]
    return tuple({(one.how, one.what): one for one in found}.values())


def secret_names(scene: Scene, value: Secret) -> list[str]:
    """Return under which names the secrets in a value are kept."""
    return scene.known.blueprint.secrets.names_in(value.reveal())


def shared(scene: Scene, one: Secret, other: object) -> bool:
    """Tell whether two values hold a secret in common."""
    if not isinstance(other, Secret):
        return False
    return bool(set(secret_names(scene, one)) & set(secret_names(scene, other)))


def _secret_ends(
    scene: Scene, address: tuple[str, str, str], setting: Setting
) -> Iterator[Related]:
    secret = setting.value
    if not isinstance(secret, Secret):
        return
    for name in sorted(secret_names(scene, secret)):
        yield Related(how="secret", what=name, note=f"kept in {scene.folder.path}")
    for _, file, section, option, other in scene.all_settings():
        if (file, section, option) != address and shared(scene, secret, other.value):
            what = f"{file} [{section}] {option}"
            yield Related(how="same secret", what=what, note=other.why)
    for password, who, note in _accounts(scene):
        if shared(scene, secret, password):
            yield Related(how="other end", what=who, note=note)


def _accounts(scene: Scene) -> Iterator[tuple[Secret, str, str]]:
    """Yield password, name and rights of everybody whom a server of the cloud knows."""
    for _, d in scene.declared():
        for database in d.databases:
            note = f"owns the database {database.name}"
            yield database.password, f"user {database.user} of MariaDB", note
        for user in d.identity_users:
            note = f"keystone roles {', '.join(user.roles)} in the project service"
            yield user.password, f"user {user.name} of keystone", note
    for queue in queue_users(next(iter(scene.contexts.values()))):
        note = f"all rights in the virtual host {queue.vhost}"
        yield queue.password, f"user {queue.name} of RabbitMQ", note


def _listeners(scene: Scene, setting: Setting) -> Iterator[Related]:
    """Find who answers at the addresses in a value; its user and password are never shown."""
    context = next(iter(scene.contexts.values()))
    addresses = {*context.addresses.values()}
    for name, number in _ADDRESS.findall(plain(setting.value)):
        if name not in {*addresses, context.api_address}:
            continue
        wanted = context.addresses[context.controllers[0]] if name == context.api_address else name
        for host, d in scene.declared():
            for port in d.ports:
                if (port.number, port.address) == (int(number), wanted):
                    what = f"{name}:{number}"
                    note = f"{port.unit} on {host}: {port.purpose}"
                    yield Related(how="leads to", what=what, note=note)


def _paths(scene: Scene, host: str, setting: Setting) -> Iterator[Related]:
    if isinstance(setting.value, Secret):
        return
    words = set(re.findall(r"(?:^|[\s:=])(/[^\s,;]+)", plain(setting.value)))
    for on, d in scene.declared():
        if on != host:
            continue
        files = {file.path: file.why for file in d.config_files}
        files |= {file.path: file.why for file in d.files}
        for path in sorted(words & set(files)):
            yield Related(how="file", what=path, note=files[path])
        for path, (owner, group, mode) in d.directories.items():
            if path in words:
                note = f"made by gureum for {owner}:{group}, mode {mode:04o}"
                yield Related(how="folder", what=path, note=note)


def _same(scene: Scene, address: tuple[str, str, str], setting: Setting) -> Iterator[Related]:
    """Find the same value elsewhere, where it is more than a number or a word."""
    if scene.hidden(*address, setting):
        return
    value = plain(setting.value)
    telling = len(value) >= 6 and bool(re.search(r"[/:.]", value))
    equal: dict[str, str] = {}
    different: dict[str, str] = {}
    for _, file, section, name, other in scene.all_settings():
        if (file, section, name) == address or scene.hidden(file, section, name, other):
            continue
        where = f"{file} [{section}] {name}" if section else f"{file} {name}"
        if plain(other.value) == value and (telling or name == address[2]):
            equal[where] = other.why
        elif name == address[2] and section == address[1]:
            different[where] = plain(other.value)
    for where, why in list(equal.items())[:_MOST]:
        yield Related(how="same value", what=where, note=why)
    if len(equal) > _MOST:
        yield Related(how="same value", what=f"and {len(equal) - _MOST} options more")
    for where, said in list(different.items())[:_MOST]:
        yield Related(how="its namesake", what=where, note=f"is {said} there")
