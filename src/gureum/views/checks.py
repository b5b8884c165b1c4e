"""Check results as a table for people, JSON for programs, JUnit for CI."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from gureum.checks.check import CheckResult, Evidence, Status
from gureum.views.wording import hint, seconds

MARKS = {Status.PASS: "pass", Status.WARN: "warn", Status.SKIP: "skip", Status.FAIL: "FAIL"}
_OUTPUT_LINES = 30
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold; the console log of a VM is full of it."""


def table(
    results: Sequence[CheckResult], milestones: Mapping[str, float] | None = None
) -> Iterator[str]:
    """Yield one line a check, then the evidence of every failure, then how many ended how."""
    width = max((len(result.title) for result in results), default=0)
    for result in results:
        took = seconds(result.seconds)
        yield f"{MARKS[result.status]}  {result.title:{width}}  {took:>7}  {result.summary}"
    for result in results:
        if result.status in (Status.FAIL, Status.WARN):
            yield ""
            yield from _failure(result)
    if milestones:
        yield ""
        yield from (f"{moment:8.1f} s  {name}" for name, moment in milestones.items())
    yield ""
    yield counted(results)


def counted(results: Sequence[CheckResult]) -> str:
    """Return how many checks ended how: `17 passed, 1 failed`."""
    words = {
        Status.PASS: "passed",
        Status.WARN: "with a warning",
        Status.SKIP: "skipped",
        Status.FAIL: "failed",
    }
    counts = {status: sum(r.status is status for r in results) for status in words}
    parts = [f"{counts[status]} {word}" for status, word in words.items() if counts[status]]
    return ", ".join(parts) or "no checks"


def document(
    results: Sequence[CheckResult], milestones: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Return everything about a verification as plain data."""
    return {
        "passed": not any(result.status is Status.FAIL for result in results),
        "milestones": dict(milestones or {}),
        "checks": [
            {
                "id": result.id,
                "title": result.title,
                "status": result.status.value,
                "summary": result.summary,
                "value": result.value,
                "unit": result.unit,
                "hint": result.hint,
                "seconds": result.seconds,
                "evidence": [vars(looked) for looked in result.evidence],
            }
            for result in results
        ],
    }


def junit(
    results: Sequence[CheckResult], cloud: str, milestones: Mapping[str, float] | None = None
) -> str:
    """Return a JUnit XML report: a test suite of the cloud, a test case for each check.

    A warning is a passed case that says so in its output. Milestones are properties of the suite.
    """
    suite = ElementTree.Element(
        "testsuite",
        name=f"gureum verify {cloud}",
        tests=str(len(results)),
        failures=str(sum(result.status is Status.FAIL for result in results)),
        skipped=str(sum(result.status is Status.SKIP for result in results)),
        errors="0",
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    if milestones:
        properties = ElementTree.SubElement(suite, "properties")
        for name, moment in milestones.items():
            ElementTree.SubElement(properties, "property", name=name, value=str(moment))
    for result in results:
        _case(suite, result)
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, result: CheckResult) -> None:
    group, _, name = result.id.partition(".")
    case = ElementTree.SubElement(
        suite, "testcase", classname=group, name=name, time=f"{result.seconds:.3f}"
    )
    if result.status is Status.FAIL:
        failure = ElementTree.SubElement(case, "failure", message=_xml(result.summary))
        failure.text = _xml("\n".join(_failure(result)))
    elif result.status is Status.SKIP:
        ElementTree.SubElement(case, "skipped", message=_xml(result.summary))
    output = ElementTree.SubElement(case, "system-out")
    said = [f"{result.status.value}: {result.summary}"]
    said += [line for looked in result.evidence for line in _evidence(looked)]
    output.text = _xml("\n".join(said))


def _failure(result: CheckResult) -> Iterator[str]:
    yield f"{MARKS[result.status]} {result.id}: {result.summary}"
    for looked in result.evidence:
        yield from (f"  {line}" for line in _evidence(looked))
    if result.hint:
        yield hint(result.hint, "  ")


def _evidence(looked: Evidence) -> Iterator[str]:
    where = f"{looked.host}: " if looked.host else ""
    took = f" ({seconds(looked.seconds)})" if looked.seconds else ""
    yield f"{where}{looked.command}{took}"
    lines = looked.output.splitlines()
    yield from (f"  {line}" for line in lines[-_OUTPUT_LINES:])


def _xml(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
