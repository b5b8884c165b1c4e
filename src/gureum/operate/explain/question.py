"""What was typed, taken apart: quotes, brackets, slashes and a pasted value make no difference."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

_PIECE = re.compile(r"\[[^\]]*\]|[^\s\[\]]+")


@dataclass(frozen=True)
class Question:
    """The words of a question as typed, and as `parts` where `DEFAULT/debug` is two."""

    text: str
    words: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def word(self) -> str:
        """The only word, or an empty text where there are several."""
        return self.words[0] if len(self.words) == 1 else ""

    def dotted(self, files: Collection[str]) -> Question | None:
        """Return the question with `DEFAULT.debug` taken for two parts, None where that changes nothing.

        The names of `files` hold dots of their own.
        """
        words = tuple(part for word in self.parts for part in _undotted(word, files))
        return replace(self, words=words, parts=words) if words != self.parts else None


def question(words: Sequence[str]) -> Question:
    """Return the question that `words` ask; `nova.conf [DEFAULT] debug = true` asks for the option."""
    text = " ".join(" ".join(words).split())
    asked = text.strip("\"'` ")
    if " " in asked or not re.search(r"://|\?", asked):
        # A line that was copied from a file brings its value along.
        asked = re.split(r"\s*=", asked, maxsplit=1)[0] or asked
    pieces = [piece.strip("[]\"'`,") for piece in _PIECE.findall(asked)]
    found = tuple(piece for piece in pieces if piece)
    parts = tuple(part for word in found for part in _split(word) if part)
    return Question(text, found, parts)


def _undotted(word: str, files: Collection[str]) -> list[str]:
    for file in files:
        if word == file or word.startswith(f"{file}."):
            return [file, *word[len(file) + 1 :].split(".")] if word != file else [file]
    return [part for part in word.split(".") if part]


def _split(word: str) -> list[str]:
    """Split `DEFAULT/debug` and `nova.conf:DEFAULT:debug`; a path, URL or subnet stays whole."""
    if word.startswith("/") or "://" in word or re.match(r"[\d.]+[/:]\d+$", word):
        return [word]
    return re.split(r"[/:]", word)
