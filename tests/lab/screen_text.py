"""Finds a known line of text on a text screen's picture, without knowing the font.

A screen of characters is a grid of equal cells. Wherever a text has the same character twice, its
cells look the same, and different characters look different: a line of some length betrays itself
by that alone, and by chance hardly ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Cell = bytes
CELLS = ((9, 16), (8, 16), (8, 8))
"""Sizes of a character's cell in pixels: VGA's text mode, and a framebuffer's fonts."""


def shows(pixels: Sequence[bytes], text: str) -> bool:
    """Tell whether `text` stands on a screen; `pixels` are its rows, one byte of brightness each."""
    return any(
        _same_pattern(row[start : start + len(text)], text)
        for row in _grid_rows(pixels)
        for start in range(len(row) - len(text) + 1)
    )


def _grid_rows(pixels: Sequence[bytes]) -> Iterator[list[Cell]]:
    height, width = len(pixels), len(pixels[0]) if pixels else 0
    for cell_width, cell_height in CELLS:
        if width % cell_width or height % cell_height:
            continue
        for top in range(0, height, cell_height):
            lines = pixels[top : top + cell_height]
            yield [
                b"".join(line[left : left + cell_width] for line in lines)
                for left in range(0, width, cell_width)
            ]


def _same_pattern(cells: Sequence[Cell], text: str) -> bool:
    meaning: dict[Cell, str] = {}
    look: dict[str, Cell] = {}
    for cell, character in zip(cells, text, strict=True):
        if meaning.setdefault(cell, character) != character:
            return False
        if look.setdefault(character, cell) != cell:
            return False
    return True
