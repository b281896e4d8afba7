"""Does an answer leave in as few writes as it can, and whole?"""

import asyncio
from typing import cast

import pytest

from api.live.one_write import OneWrite

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TALE = b"HTTP/1.1 is older"


class Sink(list[bytes]):
    """What a transport wrote."""

    write = list.append

    def close(self) -> None:
        self.append(b"closed")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ([HEAD, b"body"], [HEAD + b"body"]),
        ([HEAD, b"bo", b"dy"], [HEAD + b"bo", b"dy"]),
        ([HEAD, b""], [HEAD]),
        ([CONTINUE, HEAD, b"body"], [CONTINUE, HEAD + b"body"]),
        ([HEAD, b"body", HEAD, b"body"], [HEAD + b"body"] * 2),
        ([HEAD, TALE, b"."], [HEAD + TALE, b"."]),
        ([HEAD, b"body", TALE, b"."], [HEAD + b"body", TALE, b"."]),
        ([HEAD], [HEAD]),
    ],
)
def test_head_leaves_with_what_follows(said: list[bytes], written: list[bytes]):
    sink = Sink()
    transport = OneWrite(cast("asyncio.Transport", sink))
    for each in said:
        transport.write(each)
    transport.close()
    assert sink == [*written, b"closed"]


def test_head_that_nothing_follows():
    sink = Sink()
    transport = OneWrite(cast("asyncio.Transport", sink))
    for _ in range(2):
        transport.write(HEAD)
        transport.flush()
        transport.flush()
    assert sink == [HEAD, HEAD]
