"""Views: the only code that formats output."""

from gureum.views.choose import choose
from gureum.views.view import View

__all__ = ["View", "choose"]
