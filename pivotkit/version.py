"""The version, in one place: reading it from the installed package would cost a start-up."""

from typing import Final

VERSION: Final = "0.1.0"
