"""An image: the read-only layers of file systems that lab hosts start from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from gureum.errors import LabError

RECORD = "image.json"


@dataclass(frozen=True)
class Image:
    """Read-only layers, the topmost first; a host's own changes lie above them."""

    key: str
    os: str
    layers: tuple[Path, ...]

    def save(self, folder: Path) -> None:
        """Write the image's record; layers inside the folder are kept by their place in it."""
        layers = [str(layer) for layer in self.layers]
        record = {"key": self.key, "os": self.os, "layers": layers}
        (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Image | None:
        """Return the image kept in a folder, None where there is none or a layer of it is gone."""
        try:
            image = cls.of(folder)
        except (OSError, ValueError, KeyError):
            return None
        return image if all(layer.is_dir() for layer in image.layers) else None

    @classmethod
    def of(cls, folder: Path) -> Image:
        """Return the image kept in a folder; raises OSError where there is none."""
        return cls.from_record(json.loads((folder / RECORD).read_text()))

    @classmethod
    def from_record(cls, record: dict[str, object]) -> Image:
        """Return the image that `record` describes."""
        layers = record["layers"]
        assert isinstance(layers, list)
        return cls(str(record["key"]), str(record["os"]), tuple(Path(layer) for layer in layers))

    def record(self) -> dict[str, object]:
        """Return what `from_record` reads."""
        return {"key": self.key, "os": self.os, "layers": [str(layer) for layer in self.layers]}

    def check(self) -> None:
        """Raise LabError where a layer is gone, which a cleaned cache explains."""
        for layer in self.layers:
            if not layer.is_dir():
                raise LabError(
                    f"a layer of the image {self.key} is gone: {layer}",
                    detail="hosts of a lab need the layers that they were made from",
                    hint="gureum lab destroy, then create the lab again",
                )
