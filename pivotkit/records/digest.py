"""Names that are the same every time: made of what they stand for."""

from __future__ import annotations


def hex_digest(content: str | bytes) -> str:
    """The SHA-256 of a text or of bytes, as 64 hex digits; half a surrogate pair counts as what it is.

    >>> hex_digest("pivot")[:8] == hex_digest(b"pivot")[:8] == "d6386c59"
    True
    """
    from hashlib import sha256  # three milliseconds: OpenSSL comes with it

    raw = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    return sha256(raw).hexdigest()
