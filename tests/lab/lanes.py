"""How `./run test` shares the tests out between its two processes.

Lab tests stay in one of them, one after another: they share clouds, which are built once, and two
clouds side by side would want more memory and processor than a small machine has. The quick ones
are done by the other meanwhile.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling


class Lanes(LoadScopeScheduling):  # type: ignore[misc]
    """Gives all lab tests to one process, and quick ones, file by file, to whichever is free."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "tests/lab" if path.startswith("tests/lab/") else path
