"""Modules are loaded in an order that they themselves dictate."""

from __future__ import annotations

from gureum.images.kernel import load_order, needs


def module(*depends: str) -> bytes:
    return b"\x7fELF...\0license=GPL\0depends=" + ",".join(depends).encode() + b"\0name=x\0"


def test_a_module_comes_after_what_it_needs() -> None:
    """R-LAB-3: virtio_ring is loaded before virtio, though its name suggests otherwise."""
    modules = {
        "virtio": module("virtio_ring"),
        "virtio_ring": module(),
        "virtio_pci": module("virtio", "virtio_ring"),
        "virtio_net": module("virtio", "virtio_ring", "net-failover"),
        "net_failover": module(),
    }
    order = load_order(("virtio_pci", "virtio_net"), modules)
    assert order == ["virtio_ring", "virtio", "virtio_pci", "net_failover", "virtio_net"]


def test_what_is_built_into_the_kernel_is_left_out() -> None:
    assert load_order(("button",), {"button": module("not_a_module")}) == ["button"]


def test_needs_reads_the_modules_own_word() -> None:
    assert needs(module("a-b", "c")) == ["a_b", "c"]
    assert needs(module()) == []
    assert needs(b"no such section") == []
