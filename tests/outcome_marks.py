"""Where the outcomes that tests claim are kept: (module, branch, only_in)."""

import pytest

COVERED = pytest.StashKey[set[tuple[str, str, str | None]]]()
