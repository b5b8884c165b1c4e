"""The operator's own options, from `config` of the cloud and of a host (R-CONF-6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from gureum.config.setting import Option, Setting, Value
from gureum.diagnostics import Source
from gureum.model.cloud import Cloud, Options, OptionValue

Locate = Callable[[tuple[Any, ...]], Source]
"""Returns the place of a key path (`("config", "nova.conf", …)`) in cloud.yaml."""


def operator_options(
    cloud: Cloud, host: str, locate: Locate, elsewhere: Collection[str] = ()
) -> list[Option]:
    """Return the operator's options for a host; one for this host alone wins over one for all.

    An option for all hosts whose file is `elsewhere`, on other hosts only, is not for this one.
    """
    everywhere = {file: rest for file, rest in cloud.config.items() if file not in elsewhere}
    options = {
        (option.file, option.section, option.name): option
        for config, path, why in (
            (everywhere, ("config",), "the operator wants it so on every host"),
            (
                cloud.hosts[host].config,
                ("hosts", host, "config"),
                f"the operator wants it so on {host}",
            ),
        )
        for option in _options(config, path, why, locate)
    }
    return list(options.values())


def _options(config: Options, path: tuple[str, ...], why: str, locate: Locate) -> Iterator[Option]:
    for file, sections in config.items():
        for section, names in sections.items():
            for name, value in names.items():
                source = locate((*path, file, section, name))
                setting = Setting(_value(value), why, source)
                yield Option(file, section, name, setting, override=True)


def _value(value: OptionValue) -> Value:
    return tuple(value) if isinstance(value, list) else value
