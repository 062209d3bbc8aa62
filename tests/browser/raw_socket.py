"""A client that speaks to the server's WebSocket by itself, as no browser would."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from socket import socket

    from websockets.sync.client import ClientConnection

SECONDS = 30


@dataclass
class Heard:
    """What came back until a script run had ended."""

    messages: list[ForwardMsg] = field(default_factory=list)

    @property
    def everything(self) -> bytes:
        """All that was received, as it came."""
        return b"".join(one.SerializeToString() for one in self.messages)

    @property
    def titles(self) -> list[str]:
        """The titles of what was drawn."""
        found = (one.delta.new_element.heading for one in self.messages if one.HasField("delta"))
        return [one.body for one in found if one.tag == "h1"]

    @property
    def fragments(self) -> set[str]:
        """Names of the parts that can be asked for by themselves."""
        ids = {one.delta.fragment_id for one in self.messages if one.HasField("delta")}
        return (ids | {one.auto_rerun.fragment_id for one in self.messages}) - {""}

    @property
    def files(self) -> set[str]:
        """Names of the files that a button makes on its click."""
        buttons = (one.delta.new_element.download_button for one in self.messages)
        return {one.deferred_file_id for one in buttons} - {""}

    @property
    def session(self) -> str:
        """The id of the browser session, by which one may connect to it again."""
        found = (str(one.new_session.initialize.session_id) for one in self.messages)
        return next(one for one in found if one)


class RawSocket:
    """One connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def ask(
        self, *, name: str = "", page_hash: str = "", fragment: str = "", query: str = ""
    ) -> Heard:
        """Ask for a run of a page or of a part; return what comes until it has ended."""
        message = BackMsg()
        message.rerun_script.page_name = name
        message.rerun_script.page_script_hash = page_hash
        message.rerun_script.fragment_id = fragment
        message.rerun_script.query_string = query
        return self.tell(message)

    def make_file(self, file_id: str, session: str) -> Heard:
        """Ask for a file as a click on its button does."""
        message = BackMsg()
        asked = message.backend_operation_request
        asked.request_id = file_id
        asked.session_id = session
        asked.deferred_file.file_id = file_id
        return self.tell(message)

    def tell(self, message: BackMsg) -> Heard:
        """Send a message; return what comes until a run or an operation has ended."""
        self._connection.send(message.SerializeToString())
        heard, end = Heard(), time.monotonic() + SECONDS
        while True:
            received = ForwardMsg()
            received.ParseFromString(self._connection.recv(timeout=end - time.monotonic()))
            heard.messages.append(received)
            kind = received.WhichOneof("type")
            runs_anew = received.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
            if kind in {"script_finished", "backend_operation_response"} and not runs_anew:
                return heard


@contextmanager
def raw_socket(
    address: str,
    *,
    headers: Mapping[str, str] | None = None,
    origin: str | None = None,
    resume: str = "",
    line: socket | None = None,
) -> Iterator[RawSocket]:
    """Connect; ``resume`` names a browser session to connect to again.

    ``line`` is connected to the server already, whatever host the address names.
    """
    protocols = ["streamlit", "-", resume] if resume else ["streamlit"]
    named = [Subprotocol(one) for one in protocols]
    with connect(
        f"{address.replace('http', 'ws', 1)}/_stcore/stream",
        additional_headers=headers,
        origin=None if origin is None else Origin(origin),
        subprotocols=named,
        max_size=None,
        proxy=None,
        sock=line,
    ) as connection:
        yield RawSocket(connection)


def hash_of(name: str) -> str:
    """Return the script hash by which a page is asked for."""
    return calc_hash(name)
