"""A small but believable voice_url server to try pivotkit on, and callers for it. Standard library only."""

from pivotkit.demo.server import DemoServer

__all__ = ["DemoServer"]
