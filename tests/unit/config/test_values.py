"""Values fit by oslo.config's own rules; each case was put to oslo.config itself."""

from __future__ import annotations

import pytest

from gureum.config.values import complaint, references
from gureum.releases.schema import OptionSchema, ValueType


def fits(kind: ValueType, text: str) -> bool:
    return not complaint(OptionSchema(name="x", section="DEFAULT", type=kind), text)


INT = ValueType("int", minimum=0, maximum=65535)
CASES = [
    (INT, ["0", "65535", " 7 ", "", "1_000"], ["-1", "65536", "1.5", "true", "0x10", "a"]),
    (ValueType("float", minimum=0), ["0", "1e3", ".5"], ["-1", "one"]),
    (ValueType("int", choices=(1, 3)), ["1", "3"], ["2"]),
    (ValueType("bool"), ["TRUE", "off", "1", "no"], ["maybe", "", "2"]),
    (ValueType("str", choices=("kvm", "qemu")), ["kvm"], ["KVM", ""]),
    (ValueType("str", choices=("INFO",), ignore_case=True), ["info", "INFO"], ["warn"]),
    (ValueType("str", regex="^(VGPU|CUSTOM_[A-Z]+)$"), ["VGPU", "CUSTOM_A"], ["GPU"]),
    (ValueType("str", max_length=3), ["abc"], ["abcd"]),
    (ValueType("list"), ["", "a", "a,b", "a,,b"], []),
    (ValueType("list", of=ValueType("int")), ["1,2", "1,2,"], ["1,a"]),
    (ValueType("list", bounds=True), ["[a,b]"], ["a,b"]),
    (ValueType("dict"), ["", "a:b,c:d"], ["a", "a:b,c", "a:b,a:c", ":b"]),
    (ValueType("dict", of=ValueType("int")), ["a:1"], ["a:b"]),
    (ValueType("ip"), ["10.0.0.1", "::1"], ["10.0.0", "host", "fe80::1%eth0"]),
    (ValueType("ip", version=4), ["10.0.0.1"], ["::1"]),
    (ValueType("host"), ["10.0.0.1", "a.example"], ["256.1.1.1", "-a", "a_b", ""]),
    (ValueType("host", underscores=True), ["a_b"], ["-a"]),
    (ValueType("hostname"), ["a", "a.example."], ["10.0.0.1", "x" * 64]),
    (ValueType("uri"), ["http://h", "http://[::1]:80/x"], ["h", "http:", "//h"]),
    (ValueType("uri", schemes=("https",)), ["https://h"], ["http://h"]),
    (ValueType("range", minimum=1, maximum=9), ["1-5", "5-1", "3"], ["0-5", "1-10", "1-", "a"]),
]


@pytest.mark.parametrize(
    ("kind", "good", "bad"), CASES, ids=[f"{n}-{case[0].kind}" for n, case in enumerate(CASES)]
)
def test_good_values_fit_and_bad_ones_do_not(
    kind: ValueType, good: list[str], bad: list[str]
) -> None:
    assert [text for text in good if not fits(kind, text)] == []
    assert [text for text in bad if fits(kind, text)] == []


def test_a_reference_fits_whatever_it_stands_for() -> None:
    """oslo.config puts the other option's value in before it looks at the type."""
    assert fits(INT, "$other")
    assert not fits(INT, "$$other")
    assert references("$a/${b}/$c.d $$e \\$f") == ["a", "b", "c.d"]
