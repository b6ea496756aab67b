"""A mail server for tests: keeps what it is told, and fails in the ways real ones do."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass
class Received:
    sender: str
    to: list[str]
    data: bytes

    @property
    def message(self) -> EmailMessage:
        return cast("EmailMessage", message_from_bytes(self.data, policy=policy.default))


@dataclass
class Sink:
    port: int = 0
    mails: list[Received] = field(default_factory=list)
    refuses: bool = False
    hangs_up_after_data: bool = False
    slow_seconds: float = 0.0


def _talk(sink: Sink) -> type[socketserver.StreamRequestHandler]:
    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 sink")
            sender, to = "", []
            while line := self.rfile.readline():
                word, said = line[:4].upper(), line.decode("utf-8", "replace").strip()
                if word in (b"EHLO", b"HELO"):
                    self.say("250-sink")
                    self.say("250 8BITMIME")
                elif word == b"MAIL":
                    sender, to = said, []
                    self.say("250 ok")
                elif word == b"RCPT":
                    to.append(said[len("RCPT TO:") :].split(">")[0].strip("<> "))
                    self.say("550 nobody of that name" if sink.refuses else "250 ok")
                elif word == b"DATA":
                    self.say("354 go on")
                    data = b""
                    while (row := self.rfile.readline()) not in (b".\r\n", b""):
                        data += row
                    time.sleep(sink.slow_seconds)
                    sink.mails.append(Received(sender, to, data))
                    if sink.hangs_up_after_data:
                        return
                    self.say("250 kept")
                elif word == b"QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    return Talk


@contextmanager
def listening() -> Iterator[Sink]:
    sink = Sink()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _talk(sink)) as server:
        server.daemon_threads = True
        sink.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join()
