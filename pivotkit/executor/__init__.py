"""One small loop between the pure core and the world, and the recording of what it did."""

from pivotkit.executor.differences import differences
from pivotkit.executor.fates import fates
from pivotkit.executor.metadata import result, setup_of
from pivotkit.executor.recorder import Mode, OnMissing, Recorder, Settings
from pivotkit.executor.setup import Setup
from pivotkit.executor.simulate import drive, simulate

__all__ = [
    "Mode",
    "OnMissing",
    "Recorder",
    "Settings",
    "Setup",
    "differences",
    "drive",
    "fates",
    "result",
    "setup_of",
    "simulate",
]
