"""The commented file of `gureum init` and the schema tell what the model is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gureum.model.cloud import Cloud, Host
from gureum.model.commented import commented, yaml
from gureum.model.load import default_cloud, load
from gureum.model.part import Part
from gureum.model.reading import read
from gureum.model.reference import reference
from gureum.model.schema import json_schema

TEXT = commented(default_cloud().cloud)


def test_what_init_writes_loads_to_the_default_cloud() -> None:
    assert load(Path("cloud.yaml"), TEXT).cloud == default_cloud().cloud


def test_every_commented_key_is_right_once_its_mark_is_taken_away() -> None:
    key = re.compile(r"^( *)# ( *[\w.:-]+:( .*|))$", re.MULTILINE)
    written = read(key.sub(r"\1\2", TEXT), "cloud.yaml")
    assert not written.faults
    cloud = Cloud.model_validate(written.data)
    assert cloud.networks.provider.pool is not None
    assert cloud.hosts["one"].nics


def test_every_key_of_the_model_is_in_the_file() -> None:
    def keys(part: type[Part]) -> set[str]:
        found = set(part.model_fields)
        for info in part.model_fields.values():
            if isinstance(info.annotation, type) and issubclass(info.annotation, Part):
                found |= keys(info.annotation)
        return found

    in_file = set(re.findall(r"^ *(?:# )?(\w+):", TEXT, re.MULTILINE))
    assert keys(Cloud) | keys(Host) <= in_file


def test_a_cloud_that_differs_from_the_default_is_written_so() -> None:
    text = "name: x\nhosts:\n  a:\n    roles: [controller, network, compute]\n    port: 23\n"
    text += "    connection: ssh\n    address: 192.0.2.1\n"
    text += "networks: {provider: {cidr: 203.0.113.0/24}}\n"
    text += "logging: {services: {nova: debug}}\ntime: {servers: ['10']}\n"
    text += "config: {nova.conf: {DEFAULT: {a: 'true', b: '1', c: ' x', d: '# y', e: 'f: g'}}}\n"
    cloud = load(Path("cloud.yaml"), text).cloud
    assert load(Path("cloud.yaml"), commented(cloud)).cloud == cloud


@pytest.mark.parametrize(
    "text", ["", "~", "null", "1.10", "0x1", "yes", "- a", "a #b", "é", "a\nb", "a, b", "x]"]
)
def test_texts_stay_texts(text: str) -> None:
    data = read(f"config: {{a: {{b: {{c: [{yaml(text)}]}}}}}}", "cloud.yaml").data
    assert data == {"config": {"a": {"b": {"c": [text]}}}}


def test_the_schema_describes_every_key() -> None:
    schema = json_schema()
    for definition in (schema, *schema["$defs"].values()):
        for name, key in definition.get("properties", {}).items():
            # A key that leads to a part of its own may leave the words to that part.
            assert key.get("description") or "$ref" in key, name
    assert json.loads(json.dumps(schema)) == schema


def test_the_reference_page_is_current() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "cloud-yaml.md"
    assert page.read_text() == reference(), "run scripts/reference"
