"""A shop that was called, and that recorded callers call again."""

from voice_shop import other, server, shop

__all__ = ["other", "server", "shop"]
