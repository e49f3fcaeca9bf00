"""A voice_url server for benchmarks, in a process of its own; each answer carries a value of its own."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection

_CONTEXT = multiprocessing.get_context("spawn")


def first_answer(number: int, url: str) -> bytes:
    """A menu whose key goes to the server in a second, nested pivot."""
    pivot = {"module": "pivot", "data": {"voice_url": f"{url}/chosen", "method": "post"}}
    collect = {"module": "collect_dtmf", "data": {"max_digits": 1}, "children": {"_": pivot}}
    text = f"Hello, you are number {number} today. Press 1 for your balance, or 2 for an agent."
    return json.dumps({"module": "tts", "data": {"text": text}, "children": {"_": collect}}).encode()


def second_answer(number: int) -> bytes:
    """The balance, and the end."""
    hangup = {"module": "hangup", "data": {}}
    text = f"Your balance is {number} euros and 42 cents. Thank you for calling."
    return json.dumps({"module": "tts", "data": {"text": text}, "children": {"_": hangup}}).encode()


async def _serve(ready: Connection) -> None:
    count = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.lower().split(b"\r\n")
                        if line.startswith(b"content-length")
                    ),
                    0,
                )
                if length:
                    await reader.readexactly(length)
                count += 1
                body = first_answer(count, url) if head.startswith(b"GET") else second_answer(count)
                headers = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                writer.write(f"HTTP/1.1 200 OK\r\n{headers}\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    ready.send(url)
    async with server:
        await server.serve_forever()


def _run(ready: Connection) -> None:
    asyncio.run(_serve(ready))


@contextmanager
def running(serve: Callable[[Connection], object]) -> Iterator[str]:
    """What serves in a process of its own: the URL that it sends once it is there."""
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def voice_server() -> AbstractContextManager[str]:
    """The URL of a running server."""
    return running(_run)
