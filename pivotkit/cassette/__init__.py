"""Recordings: cassettes that stock vcrpy reads, and their replay."""

from pivotkit.cassette.files import sync_folder
from pivotkit.cassette.matching import origin_of, request_key
from pivotkit.cassette.model import FORMAT, Cassette
from pivotkit.cassette.names import cassette_name, single_call_name
from pivotkit.cassette.redact import Redactor
from pivotkit.cassette.replay import FallthroughTransport, ReplayTransport
from pivotkit.cassette.stable import VOLATILE_HEADERS, stabilise

__all__ = [
    "FORMAT",
    "VOLATILE_HEADERS",
    "Cassette",
    "FallthroughTransport",
    "Redactor",
    "ReplayTransport",
    "cassette_name",
    "origin_of",
    "request_key",
    "single_call_name",
    "stabilise",
    "sync_folder",
]
