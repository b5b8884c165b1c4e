"""Guest images: the tiny test guest that gureum builds on the spot, and conversion of disk images."""

from __future__ import annotations

from gureum.images.conversion import check, convert
from gureum.images.guest_image import GuestImage

__all__ = ["GuestImage", "check", "convert"]
