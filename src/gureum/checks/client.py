"""The OpenStack client: imported here and nowhere else, by one thread at a time.

It is half a second of packages that import each other in circles, so it is imported late, and often
in a thread while another works. Where two threads come into such a circle from two sides, Python
hands one of them a module that is half made rather than let both wait for ever.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

_IMPORTING = threading.Lock()


def client() -> Any:
    """Return the package openstack, whole: with all that it and its sessions import."""
    with _IMPORTING:
        import openstack.config
        import openstack.connection
        import openstack.exceptions
    return openstack


def refusals() -> tuple[type[Exception], ...]:
    """Return what the client raises where an API refuses a request or does not answer it."""
    sdk = client()
    from keystoneauth1.exceptions import ClientException

    return (ClientException, sdk.exceptions.SDKException)


def connect(clouds_yaml: Path, cloud: str) -> Any:
    """Return an openstacksdk connection that reads `clouds_yaml` alone.

    Nothing of the environment gets in: a shell with another cloud's openrc loaded would otherwise
    have this cloud checked with that one's password, a proxy or a CA bundle set for the internet
    would be used for the cloud.
    """
    sdk = client()
    # Its warnings would land on the terminal between our own lines; the same is raised as well.
    logging.getLogger("keystoneauth").addHandler(logging.NullHandler())
    config = sdk.config.OpenStackConfig(config_files=[str(clouds_yaml)], load_envvars=False)
    region = config.get_one(cloud=cloud)
    region.get_session().session.trust_env = False
    return sdk.connection.Connection(config=region)
