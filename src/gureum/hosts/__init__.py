"""Connections to hosts: this machine or others by SSH, driven by functions of `gureum.remote`."""

from gureum.hosts.connections import Connections
from gureum.hosts.refusal import Refused
from gureum.hosts.session import Session
from gureum.hosts.target import Jump, Target

__all__ = ["Connections", "Jump", "Refused", "Session", "Target"]
