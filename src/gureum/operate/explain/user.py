"""Users: of the system, of keystone, of MariaDB and of RabbitMQ; one name is often all four."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.operate.explain.answer import Answer, Fact, Row, Thing
from gureum.operate.explain.elsewhere import secret_names
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene
from gureum.services.rabbitmq import queue_users
from gureum.state.secrets import Secret


def find(asked: Question, scene: Scene) -> Iterator[Answer]:
    """Yield every user of that name, each kind by itself."""
    name = asked.parts[-1] if asked.parts and asked.parts[:-1] in ((), ("user",)) else ""
    if name:
        yield from _system(scene, name)
        yield from _keystone(scene, name)
        yield from _database(scene, name)
        yield from _queue(scene, name)


def _system(scene: Scene, name: str) -> Iterator[Thing]:
    made = [(h, d.users[name]) for h, d in scene.declared() if name in d.users]
    runs = [(h, unit) for h, _, unit in scene.units() if unit.user == name]
    if not made and not runs:
        return
    facts: dict[str, Fact] = {
        "hosts": tuple(dict.fromkeys(host for host, _ in (*made, *runs))),
        "comes_from": "gureum" if made else "the distribution",
        "units": tuple(
            {"unit": n, "what": w} for n, w in {u.name: u.description for _, u in runs}.items()
        ),
    }
    if made:
        home, groups = made[0][1]
        facts["home"] = home
        facts["groups"] = groups
    facts["folders"] = tuple(
        {"folder": path, "rights": f"{owner}:{group}, mode {mode:04o}"}
        for path, (owner, group, mode) in _folders(scene).items()
        if name in (owner, group)
    )
    sudo = f"/etc/sudoers.d/gureum-{name}"
    sudoers = next((f for _, d in scene.declared() for f in d.files if f.path == sudo), None)
    if sudoers:
        facts["sudo"] = ({"file": sudoers.path, "why": sudoers.why},)
    yield Thing(
        kind="system user",
        name=name,
        summary="the user of the hosts' system that units run as",
        why="each service runs under a user of its own, so none gets at another's files",
        facts={key: fact for key, fact in facts.items() if fact},
    )


def _folders(scene: Scene) -> dict[str, tuple[str, str, int]]:
    return {path: entry for _, d in scene.declared() for path, entry in d.directories.items()}


def _keystone(scene: Scene, name: str) -> Iterator[Thing]:
    user = next((u for _, d in scene.declared() for u in d.identity_users if u.name == name), None)
    if user:
        yield Thing(
            kind="keystone user",
            name=name,
            summary=f"logs in to keystone in the project service, as {', '.join(user.roles)}",
            why="a service proves to the others who it is with a user of its own",
            facts={
                "keystone_roles": user.roles,
                "project": "service, in the domain default",
                **_password(scene, user.password),
            },
        )
    elif name == "admin":
        yield Thing(
            kind="keystone user",
            name=name,
            summary="the cloud's administrator, made by keystone's bootstrap",
            why="somebody has to be there to make all other users",
            facts={
                "keystone_roles": "admin in the project admin and in the whole system",
                "credentials": str(scene.folder.openrc),
                "log_in": scene.typed("openstack", "token", "issue"),
            },
        )


def _database(scene: Scene, name: str) -> Iterator[Thing]:
    owned = [b for _, d in scene.declared() for b in d.databases if name == b.user]
    if not owned:
        owned = [b for _, d in scene.declared() for b in d.databases if name == b.name]
    if owned:
        yield Thing(
            kind="database user",
            name=owned[0].user,
            summary="owns " + ", ".join(dict.fromkeys(b.name for b in owned)) + " in MariaDB",
            why="each service has a database user of its own and sees no other's tables",
            facts={
                "databases": tuple(dict.fromkeys(b.name for b in owned)),
                **_password(scene, owned[0].password),
            },
        )


def _queue(scene: Scene, name: str) -> Iterator[Thing]:
    if "rabbitmq" not in scene.services:
        return
    for user in queue_users(next(iter(scene.contexts.values()))):
        if user.name == name:
            admin = user.tags == "administrator"
            yield Thing(
                kind="queue user",
                name=name,
                summary="RabbitMQ's administrator, for its management page"
                if admin
                else f"has all rights in RabbitMQ's virtual host {user.vhost}",
                why="no default guest, and no service within reach of another's messages",
                facts={"virtual_host": user.vhost, **_password(scene, user.password)},
            )


def _password(scene: Scene, password: Secret) -> dict[str, Fact]:
    """Return where a password is kept and which options hold it, never the password."""
    names = set(secret_names(scene, password))
    rows: dict[str, Row] = {}
    for _, file, section, name, setting in scene.all_settings():
        if isinstance(setting.value, Secret) and names & set(secret_names(scene, setting.value)):
            where = f"{file} [{section}] {name}"
            rows.setdefault(where, {"option": where, "why": setting.why})
    kept = f"{', '.join(sorted(names))} in {scene.folder.path}/secrets.json"
    return {"password": kept, "used_in": tuple(rows.values())}
