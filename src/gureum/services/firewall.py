"""What may come to a host itself: gureum's own nftables table, made from what services declare (R-PREP-5)."""

from __future__ import annotations

from collections.abc import Sequence

from gureum.services.context import Context
from gureum.services.declaration import Declaration, Task, TextFile, Unit
from gureum.services.firewall_rules import TABLE, rules_of, ruleset
from gureum.steps.firewall import FirewallLoaded
from gureum.steps.notice import NOBODY

RULES = "/etc/gureum/firewall.nft"
_UNIT = "/etc/systemd/system/gureum-firewall.service"

_UNIT_TEXT = f"""\
[Unit]
Description=what may come to this host, by gureum
# Before any address answers, and after whatever empties the kernel's rules as it starts.
DefaultDependencies=no
Wants=network-pre.target
Before=network-pre.target
After=local-fs.target nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {RULES}
ExecReload=/usr/sbin/nft -f {RULES}

[Install]
WantedBy=sysinit.target
"""


def declare(c: Context, declared: Sequence[Declaration]) -> Declaration:
    """Declare the rules of a host from the ports of everything else that is `declared` on it."""
    text = ruleset(c, rules_of(c, declared))
    return Declaration(
        service="firewall",
        packages=("nftables",),
        files=(
            TextFile(
                path=RULES,
                content=text,
                why="what gureum-firewall loads at boot; it was loaded and tried before it was written",
                mode=0o600,
            ),
            TextFile(
                path=_UNIT,
                content=_UNIT_TEXT,
                why="the rules hold before the first address of the host does, after every boot",
            ),
        ),
        units=(
            Unit(
                name="gureum-firewall",
                description="loads the rules of gureum's firewall at boot",
                user="root",
                notice=NOBODY,
                reads=(_UNIT, RULES),
                # The rules are proven to let gureum in before a boot may load them.
                needs=("firewall.rules",),
                oneshot=True,
                hardened=False,
            ),
        ),
        tasks=(
            Task(
                id="firewall.rules",
                state=FirewallLoaded(table=TABLE, rules=text),
                why="this host answers to whom its services are for, and to nobody else"
                if c.cloud.firewall.enabled
                else "the cloud's input wants no firewall of gureum's own on its hosts",
                needs=("base.packages",),
            ),
        ),
    )
