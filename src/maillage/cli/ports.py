"""Is the port free, and if not, who is there: read by `./run` before anything is installed, so stdlib only."""

import json
import socket
from http.client import HTTPConnection, HTTPException


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen at `host:port` right now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(host: str, port: int, *, seconds: float = 2.0) -> bool:
    """Whether a running Maillage answers at `host:port`."""
    connection = HTTPConnection(reached(host), port, timeout=seconds)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        said = json.loads(connection.getresponse().read(1000))
        return isinstance(said, dict) and "maillage" in said
    except (OSError, HTTPException, ValueError):
        return False
    finally:
        connection.close()


def reached(host: str) -> str:
    """The address by which this machine reaches a server that listens at `host`.

    >>> reached("0.0.0.0"), reached("127.0.0.1")
    ('127.0.0.1', '127.0.0.1')
    """
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def address(host: str, port: int) -> str:
    """What to type in a browser on this machine.

    >>> address("127.0.0.1", 8000)
    'http://localhost:8000/'
    >>> address("192.0.2.7", 9000)
    'http://192.0.2.7:9000/'
    """
    name = reached(host)
    shown = "localhost" if name in ("127.0.0.1", "::1") else f"[{name}]" if ":" in name else name
    return f"http://{shown}:{port}/"


def taken(host: str, port: int, *, maillage: bool, option: str) -> str:
    """What to say when the port is not free; `option` is how the person would choose another one.

    >>> taken("127.0.0.1", 8000, maillage=False, option="./run --port 8001")
    'Le port 8000 est déjà pris par un autre programme. Choisissez-en un autre : ./run --port 8001'
    """
    if maillage:
        return (
            f"Maillage tourne déjà sur le port {port} : ouvrez {address(host, port)}\n"
            f"Pour en lancer un second à côté : {option}"
        )
    return f"Le port {port} est déjà pris par un autre programme. Choisissez-en un autre : {option}"
