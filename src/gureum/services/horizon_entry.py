"""What horizon's worker does before its first request: mends, looks, and the first page."""

from __future__ import annotations

from gureum.services.context import Context
from gureum.services.horizon_branding import TEMPLATES, templates

# A kind of resource that no definition of glance's is for makes horizon ask for nothing with no
# threads, which Python refuses: the wizard that launches a VM meets that each time it opens.
_MENDED = """
from openstack_dashboard.utils import futurist_utils

_in_parallel = futurist_utils.call_functions_parallel


def call_functions_parallel(*worker_defs):
    return _in_parallel(*worker_defs) if worker_defs else ()


futurist_utils.call_functions_parallel = call_functions_parallel
"""

# Themes have templates of their own, which would come before any folder that settings can name.
_BRANDED = f"""
from django.conf import settings

settings.TEMPLATES[0]["OPTIONS"]["loaders"].insert(
    0,
    (
        "django.template.loaders.cached.Loader",
        [("django.template.loaders.filesystem.Loader", ["{TEMPLATES}"])],
    ),
)
"""

# The first page compiles templates and finds every panel of every dashboard: some seconds that
# nobody should wait for.
_FIRST_PAGE = """
from io import BytesIO


def first_page():
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/auth/login/", "SCRIPT_NAME": "", "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "https", "wsgi.input": BytesIO(),
        "wsgi.errors": BytesIO(), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for _ in application(environ, lambda status, headers: None):
        pass


first_page()
"""


def warm_up(c: Context) -> str:
    """Return the Python that a worker runs once horizon is loaded."""
    return _MENDED + (_BRANDED if templates(c) else "") + _FIRST_PAGE
