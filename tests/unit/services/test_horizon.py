"""The dashboard and the consoles: who may reach them, and how the two fit together."""

from __future__ import annotations

import dataclasses
from typing import Any

from gureum.model.cloud import Cloud, Dashboard, Host, Role
from gureum.plan.build import build
from gureum.services import declarations
from gureum.services.context import Context
from gureum.services.declaration import Declaration


def with_cloud(context: Context, **changes: Any) -> Context:
    return dataclasses.replace(context, cloud=context.cloud.model_copy(update=changes))


def haproxy(context: Context) -> str:
    (config,) = (
        f.content
        for d in declarations(context)
        for f in d.files
        if f.path == "/etc/haproxy/haproxy.cfg"
    )
    return config


def part(config: str, heading: str) -> str:
    return next(p for p in config.split("\n\n") if p.startswith(heading))


def settings(context: Context) -> dict[str, Any]:
    files = [
        s.state
        for s in build(context).steps
        if s.id == "horizon.file./etc/horizon/local/local_settings.py"
    ]
    found: dict[str, Any] = {}
    exec(files[0].content, {"__builtins__": {}}, found)  # type: ignore[attr-defined]  # noqa: S102
    return found


def service(context: Context, name: str) -> Declaration | None:
    return next((d for d in declarations(context) if d.service == name), None)


def test_the_dashboard_is_guarded(context: Context) -> None:
    """R-SVC-8: cookies by TLS only, a secret key, real host names, no errors shown."""
    found = settings(context)
    assert found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["DEBUG"] is False
    assert "*" not in found["ALLOWED_HOSTS"]
    assert {"10.0.0.10", "one", "localhost"} <= set(found["ALLOWED_HOSTS"])
    assert found["SECRET_KEY"] == context.secrets.password("horizon.secret_key").reveal()
    assert found["OPENSTACK_KEYSTONE_URL"] == "https://10.0.0.10:5000/v3"
    assert found["CACHES"]["default"]["LOCATION"] == ["10.0.0.10:11211"]


def test_time_zone_and_debug_are_settings(context: Context) -> None:
    """R-SVC-8: both are keys of cloud.yaml."""
    wanted = Dashboard(time_zone="Asia/Seoul", debug=True)
    found = settings(with_cloud(context, dashboard=wanted))
    assert (found["TIME_ZONE"], found["DEBUG"]) == ("Asia/Seoul", True)


def test_without_a_dashboard_nothing_of_it_is_left(context: Context) -> None:
    without = with_cloud(context, dashboard=Dashboard(enabled=False))
    assert service(without, "horizon") is None
    assert "frontend horizon" not in haproxy(without)
    assert not [s.id for s in build(without).steps if "horizon" in s.id]
    assert "frontend nova-novncproxy" in haproxy(without)


def test_static_files_depend_on_nothing_of_the_cloud(context: Context) -> None:
    """An image is filed under its INSTALL steps: one for every cloud of a release."""
    other = with_cloud(context, dashboard=Dashboard(time_zone="Asia/Seoul"))
    one, two = (
        {s.id: s.state.spec() for s in build(c).install_steps}
        for c in (context, dataclasses.replace(other, addresses={"one": "10.0.0.99"}))
    )
    assert "horizon.static" in one
    assert one == two


def test_the_dashboard_may_frame_consoles_and_nobody_else_may(context: Context) -> None:
    """R-OPS-7, R-SVC-8: the two pages are at one address and two ports."""
    config = haproxy(context)
    assert "frame-src 'self' https://10.0.0.10:6080" in part(config, "frontend horizon")
    assert "frame-ancestors 'self' https://10.0.0.10 " in part(config, "frontend nova-novncproxy")


def test_screens_and_pages_without_tls_are_on_the_loopback(context: Context) -> None:
    """R-OPS-7, R-INFRA-2: what speaks no TLS is reached by HAProxy alone."""
    plain = {
        p.number: p.address
        for d in declarations(context)
        for p in d.ports
        if d.service != "haproxy" and p.number in (6080, 8090, 15672)
    }
    assert plain == dict.fromkeys((6080, 8090, 15672), "127.0.0.1")
    vnc = build(context).tree.files["nova.conf"]["vnc"]
    assert vnc["server_listen"].value == "127.0.0.1"
    assert vnc["novncproxy_base_url"].value == "https://10.0.0.10:6080/vnc_lite.html"


def test_screens_of_a_compute_host_are_reached_by_the_controllers(context: Context) -> None:
    cloud = Cloud(
        hosts={
            "one": Host(roles=(Role.COMPUTE,)),
            "two": Host(roles=(Role.CONTROLLER, Role.NETWORK)),
        }
    )
    addresses = {"one": "192.0.2.10", "two": "192.0.2.11"}
    vnc = build(dataclasses.replace(context, cloud=cloud, addresses=addresses)).tree.files[
        "nova.conf"
    ]["vnc"]
    assert vnc["server_listen"].value == vnc["server_proxyclient_address"].value == "192.0.2.10"
    assert vnc["novncproxy_base_url"].value == "https://192.0.2.11:6080/vnc_lite.html"
