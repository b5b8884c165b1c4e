"""Measures the dashboard in a real browser: ./run python benchmarks/dashboard.py --help.

Somebody logs in with chromium and opens every page that the menus lead to. For each page:

    answered    seconds until the first byte of the page came: all calls to the services are done
    shown       seconds until the browser showed the first content

What a page complains of, or an answer of 400 and more, stands beside it, and the exit code is 1. The first
round warms up caches and is not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.append(str(Path(__file__).parents[1] / "tests" / "lab"))

from browsing import Person, Visit

GOAL = 2.0


def main() -> None:
    """Open every page and print a table; exit 1 where a page complains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cloud", default="cloud", help="the cloud's name; it has to stand")
    parser.add_argument("--runs", type=int, default=1, help="rounds through all pages that count")
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of each page")
    parser.add_argument("--out", type=Path, help="write every figure to this file as JSON")
    chosen = parser.parse_args()
    told = subprocess.run(
        [sys.executable, "-m", "gureum", "open", "--cloud", chosen.cloud, "dashboard", "--reveal"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    password = next(line.split()[1] for line in told if line.split()[:1] == ["password"])
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(
            ignore_https_errors=True, viewport={"width": 1280, "height": 900}
        ).new_page()
        person = Person(page, told[0].strip())
        person.log_in("admin", password)
        rounds = [walk(person, chosen.pictures if n == 0 else None) for n in range(chosen.runs + 1)]
        browser.close()
    wrong = show(rounds[1:])
    if chosen.out:
        figures = [vars(visit) for visits in rounds[1:] for visit in visits]
        found = {"cpus": os.cpu_count(), "load": os.getloadavg(), "goal": GOAL, "pages": figures}
        chosen.out.write_text(json.dumps(found, indent=1) + "\n")
    sys.exit(1 if wrong else 0)


def walk(person: Person, pictures: Path | None) -> list[Visit]:
    """Open every page once, and keep pictures where asked."""
    visits = []
    for path in person.links():
        visits.append(person.visit(path))
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            person.page.screenshot(path=pictures / f"{path.strip('/').replace('/', '-')}.png")
    return visits


def show(rounds: list[list[Visit]]) -> bool:
    """Print the median of every page, slowest first, and tell whether one complained."""
    pages: dict[str, list[Visit]] = {}
    for visits in rounds:
        for visit in visits:
            pages.setdefault(visit.path, []).append(visit)
    figures = {
        path: (
            statistics.median(v.answered for v in all_),
            statistics.median(v.painted for v in all_),
        )
        for path, all_ in pages.items()
    }
    print("answered  shown")
    for path, (answered, painted) in sorted(figures.items(), key=lambda item: -item[1][1]):
        said = "; ".join(dict.fromkeys(word for v in pages[path] for word in v.wrong))
        print(f"{answered:6.2f} s {painted:6.2f} s  {path}  {said}".rstrip())
    slow = sum(painted > GOAL for _, painted in figures.values())
    middle = statistics.median(painted for _, painted in figures.values())
    print(f"{len(figures)} pages, {slow} above {GOAL:.0f} s; median {middle:.2f} s")
    return any(visit.wrong for visits in rounds for visit in visits)


if __name__ == "__main__":
    main()
