"""Names to addresses, within the deadline.

The system's resolver can't be interrupted, so it runs in a daemon thread that is left behind when
the time is over (a pool's threads would hold up the interpreter's exit).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeAlias

from pivotkit.transport.deadline import Deadline

Resolver: TypeAlias = Callable[[str], Sequence[str]]
"""Host name to IP addresses, in the order in which they are to be tried; OSError if there are none."""


def system_resolver(host: str) -> Sequence[str]:
    """The addresses that this machine finds for a name.

    Raises: socket.gaierror.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # an empty label, or one of more than 63 characters
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_address(host: str) -> bool:
    """Whether a host is an IP address already."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def resolve(host: str, resolver: Resolver, deadline: Deadline) -> Sequence[str]:
    """The addresses of a name, at least one.

    Raises: socket.gaierror; TimeoutError at the deadline.
    """
    answers: SimpleQueue[Sequence[str] | BaseException] = SimpleQueue()
    Thread(target=_look_up, args=(host, resolver, answers), name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, BaseException):
        raise answer
    if not answer:
        raise socket.gaierror(socket.EAI_NONAME, "the name has no address")
    return answer


def _look_up(host: str, resolver: Resolver, answers: SimpleQueue[Sequence[str] | BaseException]) -> None:
    try:
        answers.put(resolver(host))
    except BaseException as error:  # handed over, to be raised where the answer is waited for
        answers.put(error)
