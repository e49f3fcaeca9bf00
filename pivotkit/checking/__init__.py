"""Recorded callers against today's server: what is different, and what is only volatile."""

from pivotkit.checking.check import check
from pivotkit.checking.difference import Difference
from pivotkit.checking.result import Check, Checked

__all__ = ["Check", "Checked", "Difference", "check"]
