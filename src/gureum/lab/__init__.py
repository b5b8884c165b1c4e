"""Hosts for a whole cloud on this machine: real systemd, real SSH, two networks, snapshots (D5)."""

from gureum.lab.host import LabHost
from gureum.lab.image import Image
from gureum.lab.kept_images import Limits
from gureum.lab.lab import Lab
from gureum.lab.rootfs import LabPackages

__all__ = ["Image", "Lab", "LabHost", "LabPackages", "Limits"]
