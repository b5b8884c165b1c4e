"""State `identity`: keystone's catalogue and the services' users, through its own API."""

from __future__ import annotations

import json
import ssl
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gureum.remote import passwords_proven
from gureum.remote.failure import Evidence, Failure
from gureum.remote.process import time_left

_INTERFACES = ("public", "internal", "admin")
_SERVED_WITHIN = 20.0


class _Keystone:
    """A few calls of the identity API v3, as the cloud's administrator."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._base = spec["url"]
        self._tls = ssl.create_default_context(cafile=spec["cafile"])
        self._token = ""

    def login(self, user: str, password: str, project: str) -> str:
        """Return a token, an empty text where user or password are refused."""
        domain = {"id": "default"}
        body = {
            "auth": {
                "identity": {
                    "methods": ["password"],
                    "password": {"user": {"name": user, "domain": domain, "password": password}},
                },
                "scope": {"project": {"name": project, "domain": domain}},
            }
        }
        try:
            _, headers = self._send("POST", "/auth/tokens", body)
        except urllib.error.HTTPError as error:
            if error.code in (401, 403, 404):
                return ""
            raise
        return str(headers["X-Subject-Token"])

    def act_as(self, token: str) -> None:
        self._token = token

    def get(self, path: str, key: str) -> list[dict[str, Any]]:
        return list(self._send("GET", path, None)[0][key])

    def put(self, path: str) -> None:
        self._send("PUT", path, None)

    def post(self, path: str, key: str, entity: dict[str, Any]) -> dict[str, Any]:
        return dict(self._send("POST", path, {key: entity})[0][key])

    def patch(self, path: str, key: str, entity: dict[str, Any]) -> None:
        self._send("PATCH", path, {key: entity})

    def wait_until_served(self) -> None:
        """Return once HAProxy has found keystone alive, which it sees later than keystone's own unit.

        Whatever else is wrong is left for the next request to tell.
        """
        until = time.monotonic() + min(_SERVED_WITHIN, time_left())
        while time.monotonic() < until:
            try:
                self._send("GET", "/", None)
            except urllib.error.HTTPError as error:
                if error.code not in (502, 503, 504):
                    return
            except OSError:
                pass
            else:
                return
            time.sleep(0.1)

    def _send(self, method: str, path: str, body: Any) -> tuple[Any, Any]:
        request = urllib.request.Request(  # noqa: S310
            self._base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Auth-Token": self._token},
        )
        with urllib.request.urlopen(request, timeout=60, context=self._tls) as answer:  # noqa: S310
            text = answer.read()
            return (json.loads(text) if text else {}), answer.headers


def read(spec: dict[str, Any]) -> dict[str, Any]:
    """Return what keystone holds of the wanted users, services and endpoints; None where absent."""
    keystone = _Keystone(spec)
    try:
        token = keystone.login("admin", spec["admin_password"], "admin")
    except (OSError, urllib.error.URLError) as error:
        return {"_error": str(error)}
    if not token:
        return {"_error": "keystone refuses the administrator"}
    keystone.act_as(token)
    return _read(keystone, spec, try_passwords=True)


def _read(keystone: _Keystone, spec: dict[str, Any], *, try_passwords: bool) -> dict[str, Any]:
    # The services' passwords are tried while the lists are fetched: bcrypt takes its time.
    marks = passwords_proven.marks(spec["users"])
    proven = passwords_proven.read()
    with ThreadPoolExecutor(8) as pool:
        logins = {
            name: pool.submit(keystone.login, name, password, "service")
            for name, (password, _) in spec["users"].items()
            if try_passwords and not (name in marks and proven.get(name) == marks[name])
        }
        lists = {
            key: pool.submit(keystone.get, path, key.replace("-", "_"))
            for key, path in {
                "projects": "/projects",
                "users": "/users",
                "services": "/services",
                "endpoints": "/endpoints",
                "roles": "/roles",
                "role_assignments": "/role_assignments",
            }.items()
        }
        found = {key: job.result() for key, job in lists.items()}
        refused = {name for name, job in logins.items() if not job.result()}
    if logins:
        accepted = {name: marks[name] for name in logins if name in marks and name not in refused}
        passwords_proven.write({**proven, **accepted})
    refused |= {user["name"] for user in found["users"] if not user.get("enabled", True)}
    project = next((p["id"] for p in found["projects"] if p["name"] == "service"), None)
    users = {user["name"]: user["id"] for user in found["users"]}
    roles = {role["id"]: role["name"] for role in found["roles"]}
    reading: dict[str, Any] = {
        "project:service": project is not None,
        "_project": project,
        "_users": users,
        "_roles": {name: identifier for identifier, name in roles.items()},
        "_services": {service["type"]: service["id"] for service in found["services"]},
        "_endpoints": found["endpoints"],
    }
    for name in spec["users"]:
        held = sorted(
            roles[a["role"]["id"]]
            for a in found["role_assignments"]
            if a.get("user", {}).get("id") == users.get(name, "-")
            and a.get("scope", {}).get("project", {}).get("id") == project
        )
        reading[f"user:{name}"] = (
            {"password": "refused" if name in refused else "works", "roles": held}
            if name in users
            else None
        )
    for service in found["services"]:
        if service["type"] not in spec["services"]:
            continue
        urls = {
            e["interface"]: e["url"]
            for e in found["endpoints"]
            if e["service_id"] == service["id"] and e["region_id"] == spec["region"]
        }
        reading[f"service:{service['type']}"] = {
            "name": service["name"],
            "endpoints": [urls.get(interface) for interface in _INTERFACES],
        }
    return reading


def change(spec: dict[str, Any], actual: dict[str, Any]) -> list[Evidence]:
    """Create or put right what differs; whatever else keystone holds stays."""
    began = time.monotonic()
    keystone = _Keystone(spec)
    try:
        keystone.wait_until_served()
        token = keystone.login("admin", spec["admin_password"], "admin")
        if not token:
            raise Failure("keystone refuses the administrator's password")
        keystone.act_as(token)
        now = actual if "_project" in actual else _read(keystone, spec, try_passwords=True)
        done = _populate(keystone, spec, now)
        # keystone took the new passwords: trying each again would only cost another bcrypt.
        after = _read(keystone, spec, try_passwords=False)
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")[:400]
        raise Failure(f"keystone answered {error.code} to {error.url}", [], [text]) from error
    except (OSError, urllib.error.URLError) as error:
        raise Failure(f"keystone at {spec['url']} does not answer: {error}") from error
    seconds = round(time.monotonic() - began, 3)
    said = {"command": ["keystone", spec["url"]], "exit": 0, "output": "\n".join(done)}
    return [{**said, "seconds": seconds}, {"reading": after}]


def _populate(keystone: _Keystone, spec: dict[str, Any], now: dict[str, Any]) -> list[str]:
    done: list[str] = []
    project = now["_project"]
    if project is None:
        entity = {
            "name": "service",
            "domain_id": "default",
            "description": "OpenStack's own services",
        }
        project = keystone.post("/projects", "project", entity)["id"]
        done.append("project service")
    roles = dict(now["_roles"])
    for role in sorted({role for _, wanted in spec["users"].values() for role in wanted}):
        if role not in roles:
            roles[role] = keystone.post("/roles", "role", {"name": role})["id"]
            done.append(f"keystone role {role}")

    def user(item: tuple[str, Any]) -> list[str]:
        name, (password, wanted) = item
        identifier, told = now["_users"].get(name), []
        if identifier is None:
            entity = {"name": name, "password": password, "domain_id": "default"}
            identifier = keystone.post("/users", "user", entity)["id"]
            told.append(f"user {name}")
        elif (now[f"user:{name}"] or {}).get("password") != "works":
            keystone.patch(f"/users/{identifier}", "user", {"password": password, "enabled": True})
            told.append(f"password of {name}")
        held = (now.get(f"user:{name}") or {}).get("roles", [])
        for role in wanted:
            if role not in held:
                keystone.put(f"/projects/{project}/users/{identifier}/roles/{roles[role]}")
                told.append(f"{name} is {role}")
        return told

    def service(item: tuple[str, Any]) -> list[str]:
        kind, (name, description, url) = item
        identifier, told = now["_services"].get(kind), []
        if identifier is None:
            entity = {"name": name, "type": kind, "description": description}
            identifier = keystone.post("/services", "service", entity)["id"]
            told.append(f"service {name}")
        have = {
            e["interface"]: e
            for e in now["_endpoints"]
            if e["service_id"] == identifier and e["region_id"] == spec["region"]
        }
        for interface in _INTERFACES:
            entity = {"url": url, "region_id": spec["region"]}
            if interface not in have:
                whole = {**entity, "interface": interface, "service_id": identifier}
                keystone.post("/endpoints", "endpoint", whole)
                told.append(f"{interface} endpoint of {name}")
            elif have[interface]["url"] != url:
                keystone.patch(f"/endpoints/{have[interface]['id']}", "endpoint", entity)
                told.append(f"{interface} endpoint of {name} moved")
        return told

    with ThreadPoolExecutor(6) as pool:
        for told in (
            *pool.map(user, spec["users"].items()),
            *pool.map(service, spec["services"].items()),
        ):
            done += told
    return done
