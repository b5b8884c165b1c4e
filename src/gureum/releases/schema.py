"""The option schema of one config file."""

from __future__ import annotations


class Schema:
    pass


class OptionSchema:
    pass
