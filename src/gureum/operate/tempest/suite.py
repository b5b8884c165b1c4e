"""Runs Tempest in its own environment and folder, and reads what it tells while it runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gureum.errors import GureumError
from gureum.operate.tempest.configuration import PREFIX
from gureum.operate.tempest.results import Told, read

_TELL = Path(__file__).with_name("tell.py")
_PINNED = Path(__file__).parents[1] / "pinned.py"
_GOES_WITHIN = 15.0


@dataclass(frozen=True)
class Suite:
    """Tempest as `python` has it, working in `workspace`, whose `tempest.conf` names the cloud.

    `names` are those of the API that only the cloud knows, each with its address.
    """

    python: Path
    workspace: Path
    ca: Path
    names: Mapping[str, str]

    @property
    def configuration(self) -> Path:
        """The file that tells Tempest of the cloud, with the administrator's password."""
        return self.workspace / "tempest.conf"

    @property
    def left_out(self) -> Path:
        """The file that names the tests that cannot pass."""
        return self.workspace / "left-out.txt"

    @property
    def output(self) -> Path:
        """What Tempest and its tools say beside results."""
        return self.workspace / "output.log"

    def tests(self, pattern: str) -> list[str]:
        """Return the names of the tests that would run."""
        if not (self.workspace / ".stestr").exists():
            self._asked(str(self.python.with_name("stestr")), "init")
        ended = self._asked(*self._command("run", *self._chosen(pattern), "--list-tests"))
        if ended.returncode:
            raise GureumError(
                "Tempest cannot list its tests",
                detail="\n".join((ended.stderr or ended.stdout).strip().splitlines()[-5:]),
                hint=f"cat {self.configuration}",
            )
        return [name for name in ended.stdout.splitlines() if name.startswith("tempest.")]

    def run(self, pattern: str, concurrency: int) -> Iterator[Told]:
        """Run tests and yield each as it ends; to stop early ends the tests that run."""
        with self.output.open("ab") as output, contextlib.ExitStack() as stack:
            arguments = ("--concurrency", str(concurrency), "--subunit")
            tests = subprocess.Popen(
                self._command("run", *self._chosen(pattern), *arguments),
                cwd=self.workspace,
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=output,
                # Ctrl-C is ours: what is left behind has to be removed after the tests have ended.
                start_new_session=True,
            )
            stack.callback(_end, tests)
            teller = subprocess.Popen(
                (self.python, _TELL),
                stdin=tests.stdout,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                start_new_session=True,
            )
            stack.callback(_end, teller)
            assert tests.stdout is not None
            assert teller.stdout is not None
            # The teller alone holds the pipe, so that the tests notice when it is gone.
            tests.stdout.close()
            with teller.stdout:
                yield from read(teller.stdout)

    def clean(self) -> None:
        """Remove what tests left that lies in no project: roles, domains, networks, and so on."""
        with self.output.open("ab") as output:
            subprocess.run(
                self._command("cleanup", "--prefix", PREFIX),
                cwd=self.workspace,
                env=self._environment() | {"TEMPEST_CONFIG_DIR": str(self.workspace)},
                stdout=output,
                stderr=output,
                check=False,
            )

    def _asked(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.workspace,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def _chosen(self, pattern: str) -> Sequence[str]:
        return (
            *("--config-file", str(self.configuration)),
            *("--regex", pattern, "--exclude-list", str(self.left_out)),
        )

    def _command(self, *words: str) -> tuple[str, ...]:
        return (str(self.python.with_name("tempest")), *words)

    def _environment(self) -> dict[str, str]:
        """Return this process's environment without what leads to another cloud or to a proxy."""
        foreign = ("OS_", "TEMPEST_", "PYTHON")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(foreign) and not name.upper().endswith(("_PROXY", "_CA_BUNDLE"))
        }
        # What opens a console asks the system's authorities, whatever tempest.conf says.
        kept["SSL_CERT_FILE"] = str(self.ca)
        if self.names:
            kept["PYTHONPATH"] = str(self._pinning())
        return kept

    def _pinning(self) -> Path:
        """Write what every Python reads first: the API's names as the cloud's hosts know them."""
        folder = self.workspace / "names"
        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text(
            f"import runpy\n\nrunpy.run_path({str(_PINNED)!r})['pin']({dict(self.names)!r})\n"
        )
        return folder


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """End a process with all that it started, kindly first."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GOES_WITHIN)
            return
