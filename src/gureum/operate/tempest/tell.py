"""Tells of each test as it ends; runs with the Python that Tempest is installed for.

    tempest run --subunit | python tell.py     one JSON object a test on stdout

It imports nothing of gureum, only what that environment holds.
"""

from __future__ import annotations

import json
import sys
from typing import Any

_ENDS = {
    "success": "passed",
    "xfail": "passed",
    "skip": "skipped",
    "fail": "failed",
    "uxsuccess": "failed",
    "inprogress": "failed",
    "unknown": "failed",
}


def tell(test: dict[str, Any]) -> None:
    """Write how a test ended: name, seconds, and what it said of a failure or a skip."""
    status = _ENDS.get(test["status"])
    if status is None:
        return
    began, ended = test["timestamps"]
    details = {name.partition(":")[0]: _text(content) for name, content in test["details"].items()}
    said = details.get("reason") or details.get("traceback") or ""
    if test["status"] in ("inprogress", "unknown"):
        said = said or "it did not end: what ran it went away"
    told = {
        "test": test["id"].partition("[")[0],
        "status": status,
        "seconds": round((ended - began).total_seconds(), 2) if began and ended else 0.0,
        "said": said,
        "log": details.get("pythonlogging", "") if status == "failed" else "",
    }
    print(json.dumps(told), flush=True)


def _text(content: Any) -> str:
    if content.content_type.type != "text":
        return ""
    return str(content.as_text()).strip()


def main() -> None:
    """Read a stream of results until it ends."""
    from subunit import ByteStreamToStreamResult  # type: ignore[import-not-found]
    from testtools import StreamToDict  # type: ignore[import-not-found]

    result = StreamToDict(tell)
    result.startTestRun()
    ByteStreamToStreamResult(sys.stdin.buffer, non_subunit_name="stdout").run(result)
    result.stopTestRun()


if __name__ == "__main__":
    main()
