"""pivotkit plays Kazoo's side of a Pivot call against your voice_url server."""
