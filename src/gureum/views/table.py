"""Columns of text that read without colour."""

from __future__ import annotations

from collections.abc import Sequence


def columns(rows: Sequence[Sequence[str]], *, right: str = "") -> list[str]:
    """Return rows as lines with aligned columns; `right` holds `r` for each column set right.

    Trailing blanks are cut, so that a copied line holds nothing that cannot be seen.
    """
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    sides = right.ljust(len(widths))
    return ["  ".join(map(_set, row, widths, sides)).rstrip() for row in rows]


def _set(cell: str, width: int, side: str) -> str:
    return cell.rjust(width) if side == "r" else cell.ljust(width)
