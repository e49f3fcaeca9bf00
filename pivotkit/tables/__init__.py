"""Calls as pandas tables, and a run in numbers. pandas is loaded when the first table is asked for."""

from pivotkit.tables.build import Tables, tables
from pivotkit.tables.columns import BRANCHES, TABLES, Column, Table, describe
from pivotkit.tables.summary import FailureCount, OutcomeCount, SlowRequest, Spread, Summary, summary

__all__ = [
    "BRANCHES",
    "TABLES",
    "Column",
    "FailureCount",
    "OutcomeCount",
    "SlowRequest",
    "Spread",
    "Summary",
    "Table",
    "Tables",
    "describe",
    "summary",
    "tables",
]
