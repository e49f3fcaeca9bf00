"""One connection to a server, and what is read from it under an exchange's deadline."""

from __future__ import annotations

import io
import select
import socket
import ssl
from typing import TYPE_CHECKING

from pivotkit.transport.deadline import Deadline, Phases

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER = 16384
_HEAD_KEPT = 65536  # of a head that doesn't end: a server may send interim answers for ever


class AnswerStream(io.RawIOBase):
    """The bytes that the server sends; each read ends at the deadline.

    It notes the first byte (phase "receive" begins), whether the stream has ended, and, until
    ``head_is_done``, keeps what came, so that half a head can be shown.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._muted = True
        self.ended = False

    def begin(self, deadline: Deadline, phases: Phases) -> None:
        """Make ready for the next answer."""
        self._deadline, self._phases = deadline, phases
        self._muted = self.has_come = False
        self.head: bytearray | None = bytearray()

    def head_is_done(self) -> None:
        """Keep no copy from here on."""
        self.head = None

    def mute(self) -> None:
        """Read nothing more from the network: what is buffered already can still be looked at."""
        self._muted = True

    def readable(self) -> bool:
        """Always: `io.BufferedReader` asks."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read once.

        Raises: TimeoutError at the deadline; OSError.
        """
        if self._muted:
            return None
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(buffer)
        if count == 0:
            self.ended = True
        elif not self.has_come:
            self.has_come = True
            self._phases.enter("receive")
        if self.head is not None and len(self.head) < _HEAD_KEPT:
            self.head += memoryview(buffer)[:count]
        return count


class KeptReader(io.BufferedReader):
    """A buffer that outlives an answer: http.client closes it behind each, the connection goes on."""

    def close(self) -> None:
        """Nothing: the socket is closed by its connection."""


class Connection:
    """A connected socket, TLS included; ``peer`` is "ip:port".

    It stands in for a socket where http.client asks for one: all it wants is ``makefile``.
    """

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self.sock, self.peer = sock, peer
        self.stream = AnswerStream(sock)
        self._reader = KeptReader(self.stream, _BUFFER)

    def makefile(self, mode: str) -> io.BufferedReader:
        """The one reader of this connection."""
        return self._reader

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send everything within the deadline (sendall of a TLS socket keeps none).

        Raises: TimeoutError, OSError.
        """
        unsent = memoryview(data)
        while unsent:
            self.sock.settimeout(deadline.left())
            unsent = unsent[self.sock.send(unsent) :]

    def is_stale(self) -> bool:
        """Whether the server has closed it, or sent something that nobody asked for, since the last answer."""
        if hasattr(select, "poll"):  # select.select can't take descriptors over 1023
            poller = select.poll()
            poller.register(self.sock, select.POLLIN)
            return bool(poller.poll(0))
        return bool(select.select([self.sock], [], [], 0)[0])

    def has_leftovers(self) -> bool:
        """Whether bytes came behind the answer: the connection can't be used again."""
        if isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            return True  # decrypted already, so polling the socket would not show it
        self.stream.mute()
        return bool(self._reader.peek(1))

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()
