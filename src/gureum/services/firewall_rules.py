"""The rules of a host's firewall: a pure function from the ports that its services declare to text.

Only packets for the host itself are judged. What it forwards (packets of VMs, namespaces, bridges)
and the tables of others stay untouched.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from gureum.model.cloud import Role
from gureum.services.context import Context
from gureum.services.declaration import Declaration, OpenTo, Port

TABLE = "gureum"
_SETS = {
    OpenTo.CONTROLLERS: "controllers",
    OpenTo.COMPUTES: "computes",
    OpenTo.STORES: "stores",
    OpenTo.TUNNELS: "tunnels",
    OpenTo.CLOUD: "cloud",
}
_COMMENT = 100
"""Characters of a comment; nft refuses more than 128."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Ports of a host that somebody may come to: `service` and `purpose` say what for.

    `source` is a subnet of the operator's choice, "" for whom `open_to` says.
    """

    first: int
    last: int
    protocol: str
    open_to: OpenTo
    service: str
    purpose: str
    source: str = ""

    @property
    def text(self) -> str:
        """The rule as nftables has it."""
        return _line(self)


def rules_of(c: Context, declared: Sequence[Declaration]) -> tuple[Rule, ...]:
    """Return what is open on the context's host, SSH first and the operator's own openings last."""
    found = [*_ssh(c), *_declared(declared), *_operators(c)]
    return tuple(dict.fromkeys(found)) if c.cloud.firewall.enabled else ()


def _ssh(c: Context) -> Iterator[Rule]:
    # Whatever port the host is reached by, and whatever its server was seen on: nobody is locked out.
    for port in sorted({c.cloud.hosts[c.host].port or 22, *c.facts.ssh_ports}):
        yield Rule(
            first=port,
            last=port,
            protocol="tcp",
            open_to=OpenTo.EVERYONE,
            service="base",
            purpose="SSH",
        )


def _declared(declared: Sequence[Declaration]) -> Iterator[Rule]:
    for d in declared:
        for port in d.ports:
            if _outside(port) and port.open_to is not OpenTo.NOBODY:
                yield Rule(
                    first=port.number,
                    last=port.number,
                    protocol=port.protocol,
                    open_to=port.open_to,
                    service=d.service,
                    purpose=port.purpose,
                )
        for one in d.openings:
            yield Rule(**{f.name: getattr(one, f.name) for f in fields(one)}, service=d.service)


def _operators(c: Context) -> Iterator[Rule]:
    for opening in c.cloud.firewall.allow:
        if not opening.hosts or c.host in opening.hosts:
            first, last = opening.ports
            yield Rule(
                first=first,
                last=last,
                protocol=opening.protocol,
                open_to=OpenTo.EVERYONE,
                service="cloud.yaml",
                purpose=opening.why,
                source=str(opening.source or ""),
            )


@dataclass(frozen=True, kw_only=True)
class Door:
    """A TCP port that a unit of a host listens on for others, and who may come to it.

    `peers` are addresses and `subnets` what an operator opened it to; `everyone` needs neither.
    """

    host: str
    address: str
    port: int
    purpose: str
    everyone: bool
    peers: tuple[str, ...]
    subnets: tuple[str, ...]


def doors(c: Context, declared: Sequence[Declaration]) -> tuple[Door, ...]:
    """Return the doors of the context's host; none where the firewall is off."""
    rules = rules_of(c, declared)
    listening = [p for d in declared for p in d.ports if p.protocol == "tcp" and _outside(p)]
    found = []
    for port in listening:
        matching = [
            rule
            for rule in rules
            if rule.protocol == "tcp" and rule.first <= port.number <= rule.last
        ]
        open_to = {rule.open_to for rule in matching if not rule.source}
        found.append(
            Door(
                host=c.host,
                address=port.address,
                port=port.number,
                purpose=port.purpose,
                everyone=OpenTo.EVERYONE in open_to,
                peers=tuple(a for who in open_to if who in _SETS for a in addresses(c, who)),
                subnets=tuple(rule.source for rule in matching if rule.source),
            )
        )
    return tuple(found) if rules else ()


def _outside(port: Port) -> bool:
    return not ipaddress.ip_address(port.address).is_loopback


def addresses(c: Context, who: OpenTo) -> tuple[str, ...]:
    """Return the addresses that stand for some of the cloud's hosts, in order."""
    by_role = {
        OpenTo.CONTROLLERS: (Role.CONTROLLER,),
        OpenTo.COMPUTES: (Role.COMPUTE,),
        OpenTo.STORES: (Role.CONTROLLER, Role.STORAGE),
    }
    if who is OpenTo.TUNNELS:
        found = c.tunnel_ends
    elif who in by_role:
        found = tuple(
            c.addresses[name] for role in by_role[who] for name, _ in c.cloud.hosts_with(role)
        )
    else:
        found = tuple(c.addresses[name] for name in c.cloud.hosts)
    return _in_order(found)


@functools.lru_cache(maxsize=32)
def _in_order(found: tuple[str, ...]) -> tuple[str, ...]:
    # Every host of a cloud asks this of the same addresses: hundreds of hosts, of hundreds.
    return tuple(sorted(dict.fromkeys(found), key=ipaddress.ip_address))


def who(c: Context, open_to: OpenTo) -> str:
    """Return in words who may come: everyone, or which hosts of the cloud by their addresses."""
    if open_to not in _SETS:
        return open_to.value
    return f"{open_to.value}: {', '.join(addresses(c, open_to))}"


def ruleset(c: Context, rules: Sequence[Rule]) -> str:
    """Return the text that puts the table into the kernel in one move, whatever is there before."""
    clear = f"table inet {TABLE}\ndelete table inet {TABLE}\n"
    if not c.cloud.firewall.enabled:
        return f"# cloud.yaml says firewall.enabled: false, so gureum keeps no rules here.\n{clear}"
    used = [who for who in _SETS if any(rule.open_to is who for rule in rules)]
    lines = [
        "# What may come to this host, by gureum: from the ports of its services, and firewall.allow",
        "# of cloud.yaml. What is forwarded and the tables of others stay as they are.",
        clear,
        f"table inet {TABLE} {{",
        *(line for who in used for line in _set(c, who)),
        *(_untracked(rules) if OpenTo.TUNNELS in used else ()),
        "\tchain input {",
        "\t\ttype filter hook input priority filter; policy drop;",
        "\t\tct state established,related accept",
        '\t\tiif "lo" accept',
        "\t\tmeta l4proto { icmp, ipv6-icmp, igmp } accept",
        '\t\tip6 saddr fe80::/10 udp dport 546 accept comment "answers of a DHCPv6 server"',
        *(f"\t\t{_line(rule)}" for rule in rules),
        '\t\tcounter comment "what is dropped"',
        "\t}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _set(c: Context, who: OpenTo) -> Iterator[str]:
    yield f"\tset {_SETS[who]} {{"
    yield "\t\ttype ipv4_addr"
    yield f"\t\telements = {{ {', '.join(addresses(c, who))} }}"
    yield "\t}"


def _untracked(rules: Sequence[Rule]) -> Iterator[str]:
    # Each flow of a VM has a port of its own in its tunnel: tracked, they would fill the kernel's table.
    between = "ip saddr @tunnels ip daddr @tunnels"
    for hook in ("prerouting", "output"):
        yield f"\tchain tunnels_{hook} {{"
        yield f"\t\ttype filter hook {hook} priority raw;"
        for rule in rules:
            if rule.open_to is OpenTo.TUNNELS:
                yield f"\t\t{between} {rule.protocol} dport {_ports(rule)} notrack"
        yield "\t}"


def _line(rule: Rule) -> str:
    origin = f"ip saddr @{_SETS[rule.open_to]} " if rule.open_to in _SETS else ""
    if rule.source:
        origin = f"ip saddr {rule.source} "
    words = " ".join(f"{rule.service}: {rule.purpose}".split()).replace('"', "'")
    comment = words if len(words) <= _COMMENT else f"{words[: _COMMENT - 1]}…"
    return f'{origin}{rule.protocol} dport {_ports(rule)} accept comment "{comment}"'


def _ports(rule: Rule) -> str:
    return str(rule.first) if rule.first == rule.last else f"{rule.first}-{rule.last}"
