"""R-PREP-4: the names of a cloud in /etc/hosts, beside the lines of whoever else writes there."""

from __future__ import annotations

from gureum.remote.names import BEGIN, END, split, without, written

NAMES = {"one": "192.0.2.11", "two": "192.0.2.12", "api.cloud.example": "192.0.2.11"}
BLOCK = f"{BEGIN}\n192.0.2.11 one\n192.0.2.12 two\n192.0.2.11 api.cloud.example\n{END}\n"
DEBIAN = """\
127.0.0.1\tlocalhost
127.0.1.1\tone.example.org\tone

# The following lines are desirable for IPv6 capable hosts
::1     localhost ip6-localhost ip6-loopback
192.0.2.200 nas  # the disks in the cellar
"""


def test_an_installers_loopback_line_loses_the_name_and_keeps_the_rest() -> None:
    text = written(DEBIAN, NAMES)
    assert text.endswith(f"192.0.2.200 nas  # the disks in the cellar\n{BLOCK}")
    assert text.startswith("127.0.0.1\tlocalhost\n127.0.1.1 one.example.org\n\n# The following")


def test_a_line_with_nothing_but_a_cloud_name_goes() -> None:
    assert written("127.0.1.1 one\n10.9.9.9 two\n", NAMES).count("one\n") == 1
    assert "10.9.9.9" not in written("127.0.1.1 one\n10.9.9.9 two\n", NAMES)


def test_writing_twice_changes_nothing() -> None:
    once = written(DEBIAN, NAMES)
    assert written(once, NAMES) == once


def test_the_line_of_a_removed_host_goes() -> None:
    left = {name: address for name, address in NAMES.items() if name != "two"}
    assert "192.0.2.12" not in written(written(DEBIAN, NAMES), left)


def test_a_bare_file_gets_its_localhost() -> None:
    assert written("", {"one": "192.0.2.11"}) == (
        f"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n{BEGIN}\n192.0.2.11 one\n{END}\n"
    )


def test_what_only_looks_like_a_name_stays() -> None:
    assert without("192.0.2.9 one-more  # one", NAMES) == "192.0.2.9 one-more  # one"
    assert without("# 127.0.1.1 one", NAMES) == "# 127.0.1.1 one"
    assert without("192.0.2.9 nas one # at home", NAMES) == "192.0.2.9 nas # at home"


def test_a_block_without_its_end_is_still_ours() -> None:
    theirs, ours = split(f"127.0.0.1 localhost\n{BEGIN}\n192.0.2.11 one\n")
    assert (theirs, ours) == (["127.0.0.1 localhost"], ["192.0.2.11 one"])
