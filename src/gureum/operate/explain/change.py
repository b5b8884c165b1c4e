"""How an option is set by the operator: the lines of cloud.yaml, to be copied as they stand."""

from __future__ import annotations

from typing import Any

from gureum.config.setting import Setting
from gureum.model.commented import yaml
from gureum.model.load import BUILT_IN
from gureum.operate.explain.answer import Cause, Change
from gureum.operate.explain.scene import Scene
from gureum.operate.explain.upstream import sample
from gureum.operate.typed import FOUND
from gureum.releases import OptionSchema
from gureum.state.secrets import Secret


def change(
    scene: Scene,
    address: tuple[str, str, str],
    setting: Setting | None,
    option: OptionSchema | None,
    follows: tuple[Cause, ...],
) -> Change:
    """Return how the operator sets the option at `address`, and the keys that set it more widely."""
    named = scene.known.deployment.loaded.file
    file = FOUND if named == BUILT_IN else named
    keys = tuple(c.name for c in follows if c.kind == "cloud.yaml" and " " not in c.name)
    if setting is not None and isinstance(setting.value, Secret):
        refused = "it holds a secret that gureum made and gave to both ends"
        return Change(file=file, lines=(), keys=keys, refused=refused, then="")
    if setting is not None and setting.fixed:
        refused = "other parts of the cloud count on this value"
        return Change(file=file, lines=(), keys=keys, refused=refused, then="")
    if option is not None and option.secret:
        value: Any = "VALUE"
    elif setting is not None:
        value = list(setting.value) if isinstance(setting.value, tuple) else setting.value
    else:
        value = sample(option) if option is not None else "VALUE"
    name, section, key = (yaml(part) if part else '""' for part in address)
    lines = ("config:", f"  {name}:", f"    {section}:", f"      {key}: {yaml(value)}")
    return Change(file=file, lines=lines, keys=keys, then=scene.typed("apply"))
