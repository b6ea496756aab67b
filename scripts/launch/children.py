"""The programs that ./run starts, each in a process group of its own, and how all of them stop."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

GRACE_SECONDS = 8.0
CREATE_NEW_PROCESS_GROUP = 0x200  # known to subprocess on Windows only


class Children:
    """Every program started here is stopped by `stop`, with whatever it started itself."""

    def __init__(self, around: dict[str, str], folder: Path) -> None:
        self.around = around
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, arguments: list[str]) -> "subprocess.Popen[bytes]":
        """Start a program and keep it under `name`."""
        options: dict = {"cwd": self.folder, "env": self.around, "stdin": subprocess.DEVNULL}
        if os.name == "posix":
            options |= {"start_new_session": True, "preexec_fn": die_with_parent}
        else:
            options |= {"creationflags": CREATE_NEW_PROCESS_GROUP}
        self.running[name] = subprocess.Popen(arguments, **options)
        return self.running[name]

    def finish(self, name: str, arguments: list[str]) -> int:
        """Run a program to its end and return its exit code."""
        code = self.start(name, arguments).wait()
        del self.running[name]
        return code

    def stopped(self) -> str | None:
        """The name of a program that has ended by itself, or None."""
        return next((name for name, child in self.running.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """Ask every program to stop, then end what is left of their groups."""
        for child in self.running.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
        for child in self.running.values():
            end_group(child)
        self.running.clear()


def end_group(child: "subprocess.Popen[bytes]") -> None:
    """End a program and everything that it left behind in its group."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait()


def die_with_parent() -> None:
    """On Linux, be told to stop if ./run itself is killed without a word."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
