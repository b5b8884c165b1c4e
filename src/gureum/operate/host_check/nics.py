"""Networks without a NIC, with more than one, or on another than before."""

from __future__ import annotations

from collections.abc import Iterator

from gureum.diagnostics import Severity
from gureum.operate.host_check.finding import Finding
from gureum.operate.host_check.scene import Look, Scene


def find(scene: Scene) -> Iterator[Finding]:
    """Yield what is wrong with the NICs of each host."""
    for look in scene.answered():
        for problem in look.nics.problems:
            yield Finding(
                look.host,
                f"nics.{problem.network}",
                problem.summary,
                problem.detail,
                problem.hint,
            )
        yield from _router(look, scene)
        yield from _shared(look)
        yield from _renamed(look, scene)


def _router(look: Look, scene: Scene) -> Iterator[Finding]:
    """Yield what one NIC in place of two costs."""
    if not scene.cloud.hosts[look.host].routes_provider:
        return
    subnet = scene.cloud.networks.provider.cidr
    yield Finding(
        look.host,
        "nics.router",
        "floating IPs are reached through this host alone: it has no NIC of the provider network",
        f"it is the router of {subnet}; what VMs send to the outside goes by its own address",
        f"elsewhere: ip route add {subnet} via {scene.addresses.get(look.host) or look.host}",
        Severity.WARNING,
    )


def _shared(look: Look) -> Iterator[Finding]:
    provider = look.nics.device("provider")
    for network in ("management", "tunnel"):
        if provider and provider == look.nics.device(network):
            yield Finding(
                look.host,
                "nics.shared",
                f"{provider} is to carry the {network} and the provider network at once",
                "the bridge of the provider network takes its NIC whole, the address on it would be gone",
                f"name another in cloud.yaml: hosts.{look.host}.nics.provider",
            )


def _renamed(look: Look, scene: Scene) -> Iterator[Finding]:
    """Yield NICs of networks whose name belongs to another card than at the last look."""
    before = {
        n["name"]: n["mac"] for n in scene.before.get(look.host, {}).get("nics", ()) if n["mac"]
    }
    now = {n["name"]: n["mac"] for n in look.facts["nics"]}
    names = {mac: name for name, mac in now.items()}
    for network, found in look.nics.found.items():
        was = before.get(found.device)
        mac = now.get(found.device)
        if was and mac and was != mac and was in names and names[was] != found.device:
            yield Finding(
                look.host,
                "nics.renamed",
                f"the names of its NICs have changed: {found.device} was another card before",
                f"{found.device} had {was}, which is {names[was]} now",
                f'name the card, not its place: hosts.{look.host}.nics.{network}: "{was}"',
            )
