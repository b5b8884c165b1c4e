"""Connections to hosts: this machine or others by SSH, driven by functions of `gureum.remote`."""

from gureum.hosts.connections import Connections
from gureum.hosts.session import Session
from gureum.hosts.target import Target

__all__ = ["Connections", "Session", "Target"]
