"""Gathers one option schema of a release; runs with the Python of the release itself.

    python gather_options.py SCHEMAS.TOML NAME     the schema, as JSON on stdout

It imports nothing of gureum, only what the release's virtual environment holds. One process gathers
one schema, because services change the defaults of the libraries they share.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import re
import socket
import sys
import tomllib
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Options = dict[str, dict[str, Any]]

_KINDS = {
    "Boolean": "bool",
    "Dict": "dict",
    "Float": "float",
    "HostAddress": "host",
    "HostDomain": "host",
    "Hostname": "hostname",
    "IPAddress": "ip",
    "Integer": "int",
    "List": "list",
    "MultiString": "str",
    "Port": "int",
    "Range": "range",
    "String": "str",
    "URI": "uri",
}


_HOST = "gureum-gathering-host"
_ADDRESSES = {
    "get_my_ipv4": ("192.0.2.199", "<host_ipv4>"),
    "get_my_ipv6": ("2001:db8::c7", "<host_ipv6>"),
}


def options(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the option schema that `spec` describes."""
    found = _listed(spec["namespaces"])
    sections: dict[str, Options] = {}
    registered = _by_import(spec.get("registered", {}))
    for section, opts in [*_flat(found), *_privsep(spec.get("packages", ())), *registered]:
        known = sections.setdefault(section, {})
        for opt in opts:
            known.setdefault(opt.dest, _describe(opt))
    plugins, names = _auth_plugins()
    dynamic = [_dynamic(rule, found, sections) for rule in spec.get("dynamic", ())]
    auth = sorted(section for section, known in sections.items() if "auth_type" in known)
    for section in auth:
        for opt in _auth_choice():
            sections[section].setdefault(opt.dest, _describe(opt))
        sections[section]["auth_type"]["choices"] = names
        for name in plugins:
            # nova and neutron list some of these options themselves.
            sections[section].setdefault(name, {"plugin": 1})
    dynamic += [
        {"named_by": f"{section}/auth_section", "section": "{}", "plugin": 1} for section in auth
    ]
    return {
        "beside": spec.get("beside", []),
        "dynamic": dynamic,
        "plugin": plugins if auth else {},
        "sections": sections,
    }


def _listed(namespaces: list[str]) -> list[Any]:
    from oslo_config import generator

    listed: list[Any] = generator._list_opts(namespaces)
    missing = set(namespaces) - {name for name, _ in listed}
    if missing:
        sys.exit(f"no such namespaces of options: {', '.join(sorted(missing))}")
    return listed


def _flat(listed: list[Any]) -> Iterator[tuple[str, Iterable[Any]]]:
    for _, groups in listed:
        for group, opts in groups:
            yield _group_name(group), opts


def _group_name(group: Any) -> str:
    return "DEFAULT" if group is None else str(getattr(group, "name", group))


def _privsep(packages: Iterable[str]) -> Iterator[tuple[str, Iterable[Any]]]:
    """Import every module that makes a privsep context, and yield the context's section."""
    from oslo_config import cfg
    from oslo_privsep.priv_context import PrivContext  # type: ignore[import-not-found]

    for package in packages:
        for name in _modules_with(package, "PrivContext("):
            module = importlib.import_module(name)
            for context in vars(module).values():
                if isinstance(context, PrivContext):
                    yield context.cfg_section, _registered(cfg.CONF, context.cfg_section)


def _by_import(places: dict[str, list[str]]) -> Iterator[tuple[str, Iterable[Any]]]:
    """Yield what modules, or functions of them, register in these sections without listing it."""
    from oslo_config import cfg

    for place, sections in places.items():
        module, _, function = place.partition(":")
        try:
            imported = importlib.import_module(module)
        except ModuleNotFoundError as error:
            # A library of an older release may not have the module yet; its package is there.
            missing = error.name or ""
            if "." not in missing or not module.startswith(missing):
                raise
            continue
        if function:
            getattr(imported, function)()
        for section in sections:
            if section not in cfg.CONF._groups:
                sys.exit(f"{place} registers no option in [{section}]")
            yield section, list(_registered(cfg.CONF, section))


def _modules_with(package: str, text: str) -> Iterator[str]:
    root = _folder(package)
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        if "tests" not in parts and text in file.read_text():
            yield ".".join((package, *(p for p in parts if p != "__init__")))


def _registered(conf: Any, section: str) -> Iterator[Any]:
    import copy

    for entry in conf._groups[section]._opts.values():
        opt = copy.copy(entry["opt"])
        opt.default = entry.get("default", opt.default)
        if opt.dest == "capabilities":
            opt.default = [_capability(number) for number in opt.default]
        yield opt


def _capability(number: int) -> str:
    from oslo_privsep.capabilities import CAPS_BYVALUE  # type: ignore[import-not-found]

    return str(CAPS_BYVALUE.get(number, number))


def _auth_choice() -> list[Any]:
    from keystoneauth1 import loading

    return list(loading.get_auth_common_conf_options())


def _auth_plugins() -> tuple[Options, list[str]]:
    """Return the options of all keystoneauth plugins, and the plugins' names."""
    from keystoneauth1 import loading

    loaders: dict[str, Any] = loading.get_available_plugin_loaders()
    plugins: Options = {}
    for _, loader in sorted(loaders.items()):
        for opt in loading.get_auth_plugin_conf_options(loader):
            # What one plugin requires another does not know.
            facts = {key: value for key, value in _describe(opt).items() if key != "required"}
            known = plugins.setdefault(opt.dest, facts)
            names = [*known.get("deprecated", []), *facts.get("deprecated", [])]
            if names:
                known["deprecated"] = sorted({tuple(n) for n in names}, key=str)
    # A name that one plugin calls deprecated may be another's own.
    for known in plugins.values():
        alive = [pair for pair in known.pop("deprecated", []) if pair[1] not in plugins]
        if alive:
            known["deprecated"] = alive
    return plugins, sorted(loaders)


def _dynamic(
    rule: dict[str, Any], found: list[Any], sections: dict[str, Options]
) -> dict[str, Any]:
    """Return a rule with the options that it brings: for all names, or by driver."""
    made: dict[str, Any] = {
        key: rule[key]
        for key in ("named_by", "named", "section", "driver", "defaults")
        if key in rule
    }
    if "whole" in rule:
        made["whole"] = rule["whole"]
    elif "like" in rule:
        section, name = rule["like"].split("/")
        made["options"] = {rule["option"]: sections[section][name]}
    elif "register" in rule:
        made["options"] = _called(rule, found)
    else:
        groups = dict(_flat(_listed([rule["drivers"]])))
        # glance_store takes a driver's options where their group holds the driver's name: `rbd` is
        # in `glance.store.rbd.store`.
        made["drivers"] = {
            plugin.name: {opt.dest: _describe(opt) for opt in opts}
            for plugin in importlib.metadata.entry_points(group=rule["plugins"])
            for group, opts in groups.items()
            if plugin.name in group and group != "glance_store"
        }
        sections.setdefault("glance_store", {}).update(
            {opt.dest: _describe(opt) for opt in groups.get("glance_store", ())}
        )
    return made


def _called(rule: dict[str, Any], found: list[Any]) -> Options:
    from oslo_config import cfg

    section, name = rule["named_by"].split("/")
    naming = next(
        opt for group, opts in _flat(found) if group == section for opt in opts if opt.dest == name
    )
    conf = cfg.ConfigOpts()
    conf([])
    conf.register_opt(naming, group=section)
    conf.set_override(name, ["gureum-name"], group=section)
    module, function = rule["register"].split(":")
    getattr(importlib.import_module(module), function)(conf)
    made = rule["section"].format("gureum-name")
    return {opt.dest: _describe(opt) for opt in _registered(conf, made)}


def _describe(opt: Any) -> dict[str, Any]:
    """Return all that is known of an option, without what is as usual."""
    shown = opt.default if opt.sample_default is None else opt.sample_default
    deprecated = {
        (old.group, (old.name or opt.dest).replace("-", "_")) for old in opt.deprecated_opts
    } - {(None, opt.dest)}
    facts = {
        **_describe_type(opt.type),
        "default": _portable(shown),
        "help": (opt.help or "").strip(),
        "multi": bool(opt.multi),
        "secret": bool(opt.secret),
        "mutable": bool(opt.mutable),
        "required": bool(opt.required),
        "advanced": bool(opt.advanced),
        "removal": bool(opt.deprecated_for_removal),
        "removal_since": str(opt.deprecated_since or ""),
        "removal_reason": str(opt.deprecated_reason or "").strip(),
        "deprecated": sorted(deprecated, key=str),
    }
    # 0 and False say something there, and nothing anywhere else.
    telling = ("default", "min", "max")
    return {k: v for k, v in facts.items() if v or (k in telling and v is not None)}


def _describe_type(kind: Any) -> dict[str, Any]:
    name = next((c.__name__ for c in type(kind).__mro__ if c.__name__ in _KINDS), None)
    if name is None:
        # A plain callable: int and float are used as such, all others are checked by the service.
        return {"type": {int: "int", float: "float", bool: "bool"}.get(kind, "str")}
    facts: dict[str, Any] = {"type": _KINDS[name]}
    for key in ("min", "max"):
        # A limit with a sample of its own is the gathering machine's, such as its processors.
        if getattr(kind, key, None) is not None and not getattr(kind, f"sample_{key}", None):
            facts[key] = getattr(kind, key)
    for key in ("max_length", "bounds", "ignore_case"):
        if getattr(kind, key, None):
            facts[key] = getattr(kind, key)
    if getattr(kind, "choices", None):
        facts["choices"] = list(kind.choices)
    if getattr(kind, "regex", None):
        facts["regex"] = kind.regex.pattern
        facts.update({"ignore_case": True} if kind.regex.flags & re.IGNORECASE else {})
    if getattr(kind, "schemes", None):
        facts["schemes"] = list(kind.schemes)
    if name == "IPAddress":
        version = {"_check_ipv4": 4, "_check_ipv6": 6}.get(kind.version_checker.__name__)
        facts.update({"version": version} if version else {})
    if name == "HostDomain":
        facts["underscores"] = True
    if name == "Dict" and kind.key_value_separator != ":":
        facts["separator"] = kind.key_value_separator
    inner = getattr(kind, "item_type", None) or getattr(kind, "value_type", None)
    if inner is not None and _describe_type(inner) != {"type": "str"}:
        facts["of"] = _describe_type(inner)
    return facts


def _portable(value: Any) -> Any:
    """Return a default as JSON, without what is this machine's alone."""
    if isinstance(value, dict):
        return {str(k): _portable(v) for k, v in sorted(value.items())}
    if isinstance(value, (list, tuple, set, frozenset)):
        made = [_portable(v) for v in value]
        return sorted(made, key=str) if isinstance(value, (set, frozenset)) else made
    if isinstance(value, str):
        for address, says in _ADDRESSES.values():
            value = value.replace(address, says)
        return value.replace(sys.prefix, "<venv>").replace(_HOST, "<host>")
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"the environment has no package {package}")
    return Path(next(iter(spec.submodule_search_locations)))


def _forget_addresses() -> None:
    """Let defaults that are an address of the machine say so, whichever machine gathers them."""
    from oslo_utils import netutils

    # A stand-in has to be an address: an option may check its own default.
    for name, (address, _) in _ADDRESSES.items():
        setattr(netutils, name, lambda address=address: address)


class _Anything(type):
    """The type of classes that have any attribute: another such class, fit to inherit from.

    An object of one, called as a decorator, leaves what it decorates as it is.
    """

    def __getattr__(cls, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing(name)


def _nothing(name: str) -> type:
    return _Anything(name, (Exception,), {"__call__": lambda _, given: given})


class _Stub(types.ModuleType):
    """A package that is not installed: any name of it is there, and means nothing."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing(name)


class _Stubs:
    """Finds a stub for what some packages hold, where nothing else finds anything."""

    def __init__(self, packages: Iterable[str]) -> None:
        self._packages = frozenset(packages)

    def find_spec(self, name: str, *_: object) -> Any:
        if name.partition(".")[0] not in self._packages:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> types.ModuleType:
        return _Stub(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Do nothing: there is nothing in it."""


def main(arguments: list[str]) -> None:
    """Gather one schema; all that libraries print meanwhile goes to stderr."""
    stdout, sys.stdout = sys.stdout, sys.stderr
    for name in ("gethostname", "getfqdn"):
        setattr(socket, name, lambda *_: _HOST)
    _forget_addresses()
    spec = tomllib.loads(Path(arguments[0]).read_text())["schemas"][arguments[1]]
    sys.meta_path.append(_Stubs(spec.get("stubs", ())))
    json.dump(options(spec), stdout, sort_keys=True, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1:])
