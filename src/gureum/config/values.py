"""Tells whether a value fits an option, by oslo.config's own rules."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from gureum.config.setting import Value
from gureum.config.text import plain
from gureum.releases import OptionSchema
from gureum.releases.schema import ValueType

TRUE = ("true", "1", "on", "yes")
FALSE = ("false", "0", "off", "no")
REFERENCE = re.compile(r"(?<![$\\])\$(?:\{([_a-z][._a-z0-9]*)\}|([_a-z][._a-z0-9]*))", re.I)
"""What oslo.config replaces by another option's value: $name, ${name}, $section.name."""


def complaint(option: OptionSchema, value: Value) -> str:
    """Return what is wrong with the value, as the end of a sentence, or an empty string."""
    if isinstance(value, tuple):
        if option.multi:
            return next((c for one in value if (c := _text(option.type, one))), "")
        if option.type.kind not in ("list", "dict"):
            return f"is a list, but the option takes {article(option.type)}"
        split = [one for one in value if "," in one]
        if split and option.type.kind == "list" and option.type.of is None:
            return f"has an item with a comma, {split[0]!r}, which would be read as two"
        if option.type.bounds:
            return "is a list, but the option wants its text with brackets"
    return _text(option.type, plain(value))


def references(value: Value) -> list[str]:
    """Return the names of the options whose values oslo.config would put into this one."""
    if not isinstance(value, (str, tuple)):
        return []
    return [a or b for a, b in REFERENCE.findall(plain(value))]


def article(kind: ValueType) -> str:
    """Return what a type takes, in words: `a whole number from 1 to 65535`."""
    if kind.choices:
        return "one of " + ", ".join(repr(str(choice)) for choice in kind.choices)
    words = {
        "bool": "true or false",
        "dict": f"a list of name{kind.separator}value pairs",
        "float": "a number",
        "host": "an IP address or a host name",
        "hostname": "a host name",
        "int": "a whole number",
        "ip": f"an IPv{kind.version} address" if kind.version else "an IP address",
        "list": "a list",
        "range": "a range such as 1-5",
        "str": "one text",
        "uri": "a URL",
    }[kind.kind]
    if kind.of is not None:
        words += f", each of them {article(kind.of)}"
    if kind.minimum is not None and kind.maximum is not None:
        return f"{words} from {kind.minimum:g} to {kind.maximum:g}"
    if kind.minimum is not None:
        return f"{words} of at least {kind.minimum:g}"
    if kind.maximum is not None:
        return f"{words} of at most {kind.maximum:g}"
    return f"{words} that matches {kind.regex}" if kind.regex else words


def _text(kind: ValueType, text: str) -> str:
    if "\n" in text or "\r" in text:
        return "holds a line break, behind which the rest would be read as other options"
    if REFERENCE.search(text):
        return ""
    return "" if _FITS[kind.kind](kind, text) else f"is not {article(kind)}"


def _fits_str(kind: ValueType, text: str) -> bool:
    if kind.max_length is not None and len(text) > kind.max_length:
        return False
    flags = re.IGNORECASE if kind.ignore_case else 0
    if kind.regex is not None and not re.search(kind.regex, text, flags):
        return False
    if not kind.choices:
        return True
    choices = [str(choice) for choice in kind.choices]
    if kind.ignore_case:
        return text.lower() in [choice.lower() for choice in choices]
    return text in choices


def _fits_bool(_: ValueType, text: str) -> bool:
    return text.lower() in TRUE + FALSE


def _fits_number(kind: ValueType, text: str) -> bool:
    if not text.strip():
        return True  # oslo.config takes it for not set
    try:
        number = int(text) if kind.kind == "int" else float(text)
    except ValueError:
        return False
    if kind.choices:
        return number in kind.choices
    above = kind.minimum is None or number >= kind.minimum
    return above and (kind.maximum is None or number <= kind.maximum)


def _fits_list(kind: ValueType, text: str) -> bool:
    inner = _without_bounds(kind, text.strip().rstrip(","), "[]")
    if inner is None:
        return False
    items = [item.strip() for item in inner.split(",")] if inner else []
    of = kind.of
    return of is None or _in_pieces(items, lambda item: _FITS[of.kind](of, item))


def _fits_dict(kind: ValueType, text: str) -> bool:
    inner = _without_bounds(kind, text.strip(), "{}")
    if inner is None:
        return False
    of = kind.of
    keys = []

    def fits(pair: str) -> bool:
        key, separator, value = pair.partition(kind.separator)
        if not separator or not key.strip():
            return False
        if of is not None and not _FITS[of.kind](of, value.strip()):
            return False
        keys.append(key.strip())
        return True

    pieces = inner.split(",") if inner else []
    return _in_pieces(pieces, fits) and len(keys) == len(set(keys))


def _in_pieces(pieces: list[str], fits: Callable[[str], bool]) -> bool:
    """Take pieces together until they fit: an item's own type may allow commas, as oslo.config does."""
    rest = list(pieces)
    while rest:
        item = rest.pop(0)
        while not fits(item.strip()):
            if not rest:
                return False
            item = f"{item},{rest.pop(0)}"
    return True


def _without_bounds(kind: ValueType, text: str, brackets: str) -> str | None:
    if not kind.bounds:
        return text
    inside = text.startswith(brackets[0]) and text.endswith(brackets[1]) and len(text) > 1
    return text[1:-1] if inside else None


def _fits_ip(kind: ValueType, text: str) -> bool:
    if "%" in text:
        return False  # oslo.config knows no IPv6 zones
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return kind.version is None or address.version == kind.version


def _fits_hostname(kind: ValueType, text: str) -> bool:
    if not text or len(text) > 253:
        return False
    extra = "_" if kind.underscores else ""
    label = re.compile(rf"(?!-)[A-Z0-9{extra}-]{{1,63}}(?<!-)", re.IGNORECASE)
    labels = text.removesuffix(".").split(".")
    return bool(re.search("[a-zA-Z-]", labels[-1])) and all(label.fullmatch(one) for one in labels)


def _fits_host(kind: ValueType, text: str) -> bool:
    return _fits_ip(kind, text) or _fits_hostname(kind, text)


def _fits_uri(kind: ValueType, text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    if kind.max_length is not None and len(text) > kind.max_length:
        return False
    return bool(parts.scheme and parts.netloc and not re.search(r"\s", text)) and (
        not kind.schemes or parts.scheme in kind.schemes
    )


def _fits_range(kind: ValueType, text: str) -> bool:
    match = re.fullmatch(r"(0|-?[1-9][0-9]*)(?:-(0|-?[1-9][0-9]*))?", text)
    if not match:
        return False
    ends = [int(end) for end in match.groups() if end is not None]
    above = kind.minimum is None or min(ends) >= kind.minimum
    return above and (kind.maximum is None or max(ends) <= kind.maximum)


_FITS: Mapping[str, Callable[[ValueType, str], bool]] = {
    "bool": _fits_bool,
    "dict": _fits_dict,
    "float": _fits_number,
    "host": _fits_host,
    "hostname": _fits_hostname,
    "int": _fits_number,
    "ip": _fits_ip,
    "list": _fits_list,
    "range": _fits_range,
    "str": _fits_str,
    "uri": _fits_uri,
}
