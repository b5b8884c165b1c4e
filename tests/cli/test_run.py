"""`./run` works with little, and says what it lacks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "mkdir", "rm", "cat", "stat", "flock", "sed", "chmod")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what `./run` needs, in a folder with a space in its name."""
    copy = tmp_path / "check out"
    (copy / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "run", copy)
    shutil.copytree(ROOT / "requirements", copy / "requirements")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (copy / "bin" / tool).symlink_to(found)
    return copy


def call(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `./run` where no other program than `TOOLS` and the checkout's own bin is found."""
    return subprocess.run(
        [checkout / "bin" / "bash", checkout / "run", *arguments],
        env={"PATH": str(checkout / "bin"), "HOME": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )


def program(checkout: Path, name: str, text: str) -> None:
    path = checkout / "bin" / name
    path.write_text(text)
    path.chmod(0o755)


def test_alone_it_prints_how_to_use_it(checkout: Path) -> None:
    done = call(checkout)
    assert done.returncode == 0
    assert "./run gureum up" in done.stdout


def test_an_unknown_word_is_refused_with_what_may_be_meant(checkout: Path) -> None:
    done = call(checkout, "up")
    assert done.returncode == 1
    assert "hint: ./run gureum up" in done.stderr


def test_without_python_it_says_what_to_install(checkout: Path) -> None:
    done = call(checkout, "gureum", "up")
    assert done.returncode == 1
    assert "error: no Python 3.11 or newer" in done.stderr
    assert "hint: install one" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_old_python_is_passed_over(checkout: Path) -> None:
    program(checkout, "python3", "#!/bin/sh\nexit 1\n")
    program(checkout, "python3.12", "#!/bin/sh\ncase $2 in *ensurepip*) exit 1;; esac\n")
    done = call(checkout, "gureum", "up")
    assert "no Python 3.11" not in done.stderr
    assert done.returncode == 1
    assert "venv" in done.stderr


def made(checkout: Path) -> Path:
    """Lay down an environment as a finished `./run` leaves it, with a fake Python in it."""
    venv = checkout / ".venv"
    (venv / "bin").mkdir(parents=True)
    program(checkout, "../.venv/bin/python", '#!/bin/sh\necho ran "$@"\n')
    lock = (checkout / "requirements" / "runtime.lock").read_text().rstrip("\n")
    (venv / "runtime.stamp").write_text(f"{checkout}\n{lock}")
    return venv


def test_a_finished_environment_is_used_as_it_is(checkout: Path) -> None:
    made(checkout)
    done = call(checkout, "python", "-c", "a b")
    assert (done.stdout, done.stderr) == ("ran -c a b\n", "")


@pytest.mark.parametrize("called", [("{here}/run",), ("bash", "run"), ("bash", "./run")])
def test_gureum_learns_how_it_was_called(checkout: Path, called: tuple[str, ...]) -> None:
    """What it then tells people to type starts the same way, with blanks in paths quoted."""
    made(checkout)
    program(checkout, "../.venv/bin/gureum", '#!/bin/sh\necho "$GUREUM_PROGRAM"\n')
    done = subprocess.run(
        [*(word.format(here=checkout) for word in called), "gureum"],
        cwd=checkout,
        env={"PATH": f"{checkout / 'bin'}:/usr/bin:/bin", "HOME": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    quoted = str(checkout).replace(" ", "\\ ")
    wanted = f"{quoted}/run gureum" if called[0] != "bash" else "./run gureum"
    assert (done.stdout, done.stderr) == (f"{wanted}\n", "")


@pytest.mark.parametrize("spoil", ["lock", "unfinished", "moved"])
def test_an_environment_that_does_not_fit_is_not_used(checkout: Path, spoil: str) -> None:
    """R-VERIFY-3: what a killed run left half way is not taken for whole."""
    venv = made(checkout)
    if spoil == "lock":
        with (checkout / "requirements" / "runtime.lock").open("a") as lock:
            lock.write("another==1\n")
    elif spoil == "unfinished":
        (venv / "unfinished").touch()
    else:
        checkout = checkout.rename(checkout.with_name("moved"))
    done = call(checkout, "python", "-c", "a b")
    assert done.returncode == 1
    assert "a b" not in done.stdout
    assert (checkout / ".venv" / "bin" / "python").exists() is (spoil == "lock")


def test_the_locks_agree_and_name_no_index() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        assert not [line for line in lines if "://" in line or line.startswith("--")]
        return {line.split()[0] for line in lines if "==" in line}

    assert pins("runtime.lock") < pins("dev.lock")
    assert len(pins("bootstrap.lock")) == 1
