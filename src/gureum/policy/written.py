"""The policy file of a service: the operator's overrides and nothing else, each with its why."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping

from gureum.model.cloud import PolicyOverride
from gureum.releases.policies import PolicyRules

WIDTH = 98


def policy_yaml(service: str, overrides: Mapping[str, PolicyOverride], rules: PolicyRules) -> str:
    """Return the text of a service's policy.yaml.

    Without an override the file is there all the same: a service that has read one once takes its
    absence for a fault, and says so at every request.
    """
    return "\n".join(_lines(service, overrides, rules)) + "\n"


def _lines(
    service: str, overrides: Mapping[str, PolicyOverride], rules: PolicyRules
) -> Iterator[str]:
    yield from _comment(
        f"What {service} is to decide in another way than its release does; gureum writes this file "
        "from `policy` of the cloud's input."
    )
    if not overrides:
        yield "{}"
    for name, override in overrides.items():
        yield ""
        yield from _comment(override.why)
        if name in rules:
            yield f"# by default: {json.dumps(rules[name].check)}"
        # JSON's way of writing a text is YAML's as well.
        yield f"{json.dumps(name)}: {json.dumps(override.rule)}"


def _comment(text: str) -> list[str]:
    # Plain ASCII: a service reads the file in the encoding of whatever locale it was started in.
    plain = text.encode("ascii", "backslashreplace").decode()
    return [f"# {line}" for line in textwrap.wrap(plain, WIDTH - 2)]


def overrides_in(text: str) -> dict[str, str]:
    """Return the checks by rule that a policy file holds; nothing where it cannot be read."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, Mapping) else {}
