import socket
import threading

import pytest

from maillage.cli import ports


def test_a_program_that_is_not_maillage_is_not_taken_for_it():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def reply():
            connection, _ = other.accept()
            connection.recv(1000)
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"ok"}')
            connection.close()

        thread = threading.Thread(target=reply)
        thread.start()
        number = other.getsockname()[1]
        assert not ports.is_free("127.0.0.1", number)
        assert not ports.answers("127.0.0.1", number)
        thread.join()


@pytest.mark.django_db
def test_maillage_is_recognised(live_server):
    assert ports.answers("127.0.0.1", live_server.thread.port)


def test_a_port_where_nobody_listens_is_free_and_does_not_answer():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        number = other.getsockname()[1]
    assert ports.is_free("127.0.0.1", number)
    assert not ports.answers("127.0.0.1", number)
