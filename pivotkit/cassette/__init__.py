"""Recordings: cassettes that stock vcrpy reads, and their replay."""

from pivotkit.cassette.files import Found, look, sweep_folder, sync_folder
from pivotkit.cassette.matching import origin_of, request_key
from pivotkit.cassette.model import FORMAT, Cassette
from pivotkit.cassette.names import cassette_name, single_call_name
from pivotkit.cassette.redact import CREDENTIALS_ONLY, Redactor
from pivotkit.cassette.renamed import renamed
from pivotkit.cassette.replay import FallthroughTransport, ReplayTransport, moved_origins
from pivotkit.cassette.secret_names import secret_variable, secrets_around, secrets_given
from pivotkit.cassette.stable import VOLATILE_HEADERS, stabilise
from pivotkit.cassette.upkeep import read_age, too_old, unused_cassettes

__all__ = [
    "CREDENTIALS_ONLY",
    "FORMAT",
    "VOLATILE_HEADERS",
    "Cassette",
    "FallthroughTransport",
    "Found",
    "Redactor",
    "ReplayTransport",
    "cassette_name",
    "look",
    "moved_origins",
    "origin_of",
    "read_age",
    "renamed",
    "request_key",
    "secret_variable",
    "secrets_around",
    "secrets_given",
    "single_call_name",
    "stabilise",
    "sweep_folder",
    "sync_folder",
    "too_old",
    "unused_cassettes",
]
