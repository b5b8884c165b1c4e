"""R-PREP-3: a host without a NIC on the provider network."""

from __future__ import annotations

from pathlib import Path

import pytest

from gureum.errors import InputError
from gureum.model.load import load


def mistakes(text: str) -> set[str]:
    with pytest.raises(InputError) as caught:
        load(Path("cloud.yaml"), text)
    return {one.summary for one in caught.value.diagnostics}


def test_one_host_alone_can_be_the_provider_networks_router() -> None:
    """R-PREP-3: floating IPs have one way, whatever wants to share it is named."""
    text = (
        "networks: {provider: {cidr: 172.24.4.0/24}}\nnetwork: {distributed_floating_ips: true}\n"
        "hosts:\n  one:\n    roles: [controller, network, compute]\n    nics: {provider: none}\n"
        "  two: {roles: [network]}\n"
    )
    found = mistakes(text)
    assert "one would be the provider network's router, and two lead there too" in found
    assert "floating IPs cannot leave where their VMs run and pass through one alone" in found
    right = text.replace("network: {distributed_floating_ips: true}\n", "").replace(
        "  two: {roles: [network]}\n", ""
    )
    assert load(Path("cloud.yaml"), right).cloud.hosts["one"].routes_provider
