"""One small loop between the pure core and the world, and the recording of what it did."""

from pivotkit.executor.differences import differences
from pivotkit.executor.fates import fates
from pivotkit.executor.metadata import result, setup_of
from pivotkit.executor.opening import open_transport
from pivotkit.executor.recorder import Recorder
from pivotkit.executor.settings import Mode, OnMissing, Settings, verify_of
from pivotkit.executor.setup import Setup
from pivotkit.executor.simulate import MISFIT, drive, misfit_told, simulate
from pivotkit.executor.target import Action, Aim, Target, aim_at, with_timeout, with_urls

__all__ = [
    "MISFIT",
    "Action",
    "Aim",
    "Mode",
    "OnMissing",
    "Recorder",
    "Settings",
    "Setup",
    "Target",
    "aim_at",
    "differences",
    "drive",
    "fates",
    "misfit_told",
    "open_transport",
    "result",
    "setup_of",
    "simulate",
    "verify_of",
    "with_timeout",
    "with_urls",
]
