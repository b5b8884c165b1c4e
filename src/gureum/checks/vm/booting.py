"""Asks nova for the VM, with everything around it in place already."""

from __future__ import annotations

import base64
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gureum.checks.vm.furnishing import ensure_flavor, ensure_image
from gureum.checks.vm.labels import Label
from gureum.checks.vm.milestones import FIRST_PING, REQUESTED, Milestones
from gureum.checks.vm.outside import Watch
from gureum.checks.vm.preparation import Prepared
from gureum.checks.vm.settings import Guest, VmSettings
from gureum.checks.vm.shell import KeyPair
from gureum.checks.vm.state import MARKER, Booted


def boot(
    admin: Any,
    prepared: Prepared,
    guest: Guest,
    *,
    settings: VmSettings,
    milestones: Milestones,
    label: Label,
) -> Booted:
    """Request the VM and return at once; its floating IP is asked for an answer from now on."""
    keys = KeyPair()
    token = secrets.token_hex(8)
    try:
        with ThreadPoolExecutor(3, thread_name_prefix="boot") as pool:
            flavor = pool.submit(ensure_flavor, admin)
            image = pool.submit(ensure_image, admin, guest)
            pair = pool.submit(
                prepared.api.compute.create_keypair, name=label.name, public_key=keys.public
            )
            flavor_id, image_id, key_name = (
                flavor.result().id,
                image.result().id,
                pair.result().name,
            )
        script = f"#!/bin/sh\necho {token} > {MARKER}\n"
        milestones.mark(REQUESTED)
        server = prepared.api.compute.create_server(
            name=label.name,
            flavor_id=flavor_id,
            image_id=image_id,
            key_name=key_name,
            networks=[{"port": prepared.port.id}],
            user_data=base64.b64encode(script.encode()).decode(),
            **({"availability_zone": f":{settings.host}"} if settings.host else {}),
        )
    except BaseException:
        keys.remove()
        raise
    return Booted(
        admin=admin,
        prepared=prepared,
        settings=settings,
        milestones=milestones,
        server_id=server.id,
        name=label.name,
        token=token,
        keys=keys,
        user=guest.user,
        watch=Watch(settings.outside, prepared.floating_ip, lambda: milestones.mark(FIRST_PING)),
    )
