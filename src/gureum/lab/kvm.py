"""Tells whether this machine's KVM really works (R-PREP-7)."""

from __future__ import annotations

from gureum.remote import facts_kernel


def works() -> tuple[bool, str]:
    """Tell whether /dev/kvm makes a VM, and if not, why.

    A device that exists says little: the CPU's extension may be off, the device may be another's,
    or the kernel may offer a kind of KVM that common guests do not run under. The same question is
    asked of every host, so the answer comes from the same code.
    """
    fact = facts_kernel.kvm()
    return bool(fact["works"]), str(fact["why"])
