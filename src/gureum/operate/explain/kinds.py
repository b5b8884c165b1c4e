"""Every kind of thing that can be explained, the most specific first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gureum.operate.explain import endpoint, file, host, network, option, port, service, unit, user
from gureum.operate.explain.answer import Answer
from gureum.operate.explain.question import Question
from gureum.operate.explain.scene import Scene

Find = Callable[[Question, Scene], Iterator[Answer]]

KINDS: dict[str, Find] = {
    "option": option.find,
    "port": port.find,
    "host": host.find,
    "unit": unit.find,
    "file": file.find,
    "service": service.find,
    "endpoint": endpoint.find,
    "network": network.find,
    "role": host.find_role,
    "user": user.find,
    "section": file.find_section,
}
"""Kind -> the function that finds what a question means of it."""

LAST: dict[str, Find] = {"line": file.find_line}
"""Kinds that are looked for where no other knows the name."""
