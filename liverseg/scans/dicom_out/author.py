"""Who made a result: software and model as DICOM names them, and identities of what it makes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID, generate_uid

from liverseg.scans.provenance import Provenance

SOFTWARE = "liverseg"
LONGEST_TEXT = 64
"""Characters of a Long String (PS3.5, 6.2)."""


@dataclass(frozen=True)
class Author:
    """Software and models at work on one scan.

    Attributes:
        provenance: Of the prediction.
        content: What was found, as text or hash: equal findings get equal identities.
        scan_sha256: Of the files of the scan, whose patient and study are copied.
        made_at: When, in seconds.
    """

    provenance: Provenance
    content: str
    scan_sha256: str
    made_at: datetime

    @property
    def version(self) -> str:
        """Of the software."""
        return self.provenance.liverseg_version

    @property
    def algorithm(self) -> str:
        """The software and its models by their kinds, without the paths of their folders."""
        names = ", ".join(
            each.model if each.trained_on is None else f"{each.folder} ({each.model})"
            for each in self.provenance.models
        )
        return f"{SOFTWARE} {names}"[:LONGEST_TEXT]

    @property
    def parameters(self) -> dict[str, str]:
        """What decides about the result: hashes of the models, flips, rules."""
        made = self.provenance
        models = {f"model_{n}_md5": each.md5 for n, each in enumerate(made.models, start=1)}
        rules = {name: str(value) for name, value in made.rules.items()}
        return models | {"flips": made.flips} | rules

    @property
    def serial_number(self) -> str:
        """Stands for the models: their hash, of several the hash of these."""
        md5s = [each.md5 for each in self.provenance.models]
        return md5s[0] if len(md5s) == 1 else hashlib.md5("".join(md5s).encode()).hexdigest()

    @property
    def device_uid(self) -> UID:
        """The identity of the software with its models and rules, whatever the scan."""
        return generate_uid(entropy_srcs=self._entropy)

    def build_uid(self, *names: str) -> UID:
        """An identity of something found by this author; the same every time."""
        return generate_uid(entropy_srcs=[*self._entropy, self.content, *names])

    def sign(self, *names: str) -> dict[str, Any]:
        """What highdicom is told of the maker of an object, and of its series of this one alone.

        Two objects that differ in a byte may not share an identity: theirs hold all that is written
        into them, also when they were made and of which files.

        Args:
            names: Its kind, and what is written that does not follow from the content.
        """
        made = (*names, self.scan_sha256, self.made_at.isoformat())
        return {
            "series_instance_uid": self.build_uid(*made, "series"),
            "sop_instance_uid": self.build_uid(*made),
            "instance_number": 1,
            "manufacturer": SOFTWARE,
            "manufacturer_model_name": self.algorithm,
            "software_versions": self.version,
            "device_serial_number": self.serial_number,
        }

    def organise(self, made: Dataset, name: str) -> None:
        """Give the order of frames of an object an identity that is the same every time."""
        dimensions = self.build_uid(name, "dimensions")
        for item in (*made.DimensionOrganizationSequence, *made.DimensionIndexSequence):
            item.DimensionOrganizationUID = dimensions

    def date(self, made: Dataset) -> None:
        """Let an object say when it was made, not when highdicom built it."""
        day, time = self.made_at.strftime("%Y%m%d"), self.made_at.strftime("%H%M%S")
        made.InstanceCreationDate = made.ContentDate = day
        made.InstanceCreationTime = made.ContentTime = time
        for equipment in made.get("ContributingEquipmentSequence", ()):  # highdicom itself
            equipment.ContributionDateTime = day + time

    @property
    def _entropy(self) -> list[str]:
        return [SOFTWARE, self.version, repr(self.parameters)]
