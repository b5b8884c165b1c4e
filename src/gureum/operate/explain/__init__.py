"""`gureum explain`: every choice of a cloud with its reason, from saved state alone (R-CONF-2).

A question is taken apart (`question`), every kind of thing (`kinds`) says what it knows under that
name, and what nobody knows gets the nearest names (`near`). No host is asked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gureum.errors import InputError
from gureum.operate.deployment import Deployment
from gureum.operate.explain import option
from gureum.operate.explain.answer import Answer, Explanation, OptionAnswer, OptionsAnswer
from gureum.operate.explain.kinds import KINDS, LAST, Find
from gureum.operate.explain.near import refusal
from gureum.operate.explain.question import Question, question
from gureum.operate.explain.scene import Scene
from gureum.operate.known import Known, known
from gureum.operate.typed import typed
from gureum.state.folder import CloudFolder

__all__ = ["explain", "explain_in"]


def explain(deployment: Deployment, words: Sequence[str], hosts: Sequence[str] = ()) -> Explanation:
    """Return every meaning of `words` on `hosts`, by default all; raises InputError where there is none.

    A cloud that was never built is explained from its input, and nothing is kept of it.
    """
    if deployment.folder.exists:
        return _explain_on(known(deployment), words, hosts, deployment.folder)
    with tempfile.TemporaryDirectory(prefix="gureum-explain-") as folder:
        passing = CloudFolder(deployment.folder.name, Path(folder))
        found = known(Deployment(deployment.loaded, passing))
        return _explain_on(found, words, hosts, deployment.folder)


def _explain_on(
    found: Known, words: Sequence[str], hosts: Sequence[str], folder: CloudFolder
) -> Explanation:
    narrowed = found.only(hosts)
    try:
        return explain_in(Scene(narrowed, folder), words)
    except InputError:
        if not hosts:
            raise
        explain_in(Scene(found, folder), words)
    raise InputError(
        f"{' '.join(words)!r} is not on {', '.join(narrowed.blueprint.hosts)}",
        [],
        hint=typed(found.deployment.loaded, "explain", *words),
    )


def explain_in(scene: Scene, words: Sequence[str]) -> Explanation:
    """Return every meaning of `words` in a scene, which serves any number of questions.

    Raises InputError where there is none.
    """
    asked = question(words)
    if not asked.parts:
        raise InputError("there is nothing to explain in that", [], hint="gureum explain nova")
    answers = _answers(asked, scene, KINDS) or _answers(asked, scene, LAST)
    if not answers and (dotted := asked.dotted(scene.files)):
        answers = _answers(dotted, scene, KINDS)
    if not answers:
        raise refusal(asked, scene)
    return Explanation(
        question=asked.text,
        cloud=scene.cloud.name,
        release=scene.release.name,
        seen=scene.known.seen,
        answers=answers,
    )


def _answers(asked: Question, scene: Scene, kinds: Mapping[str, Find]) -> tuple[Answer, ...]:
    """Return what all kinds know, most specific first.

    One word that is a thing of the cloud hardly means one of several options of that name, or one
    that nobody set: these go last, in a list.
    """
    found = [answer for find in kinds.values() for answer in find(asked, scene)]
    if asked.word and len(found) > 1:
        first = found[0]
        if isinstance(first, OptionAnswer) and not first.is_set:
            found = [*found[1:], option.listed(first, scene)]
        elif isinstance(first, OptionsAnswer):
            found = [*found[1:], first]
    return tuple(found)
