"""Ctrl-C while Numba is loaded or compiles: it counts as soon as both are whole, and never becomes another error."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from maillage.analysis import kernels

INTERRUPTED_WHILE_LOADING = """
import os, signal, sys
import numpy as np
from scipy import sparse
from maillage.analysis.siting import median, median_problem

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == WHEN:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

WHEN = sys.argv[1]
sys.meta_path.insert(0, Interrupting())
median_problem.COMPILE_FROM = 0
trips = sparse.csr_array(np.array([[1.0, 9.0, 9.0], [9.0, 2.0, 9.0], [9.0, 9.0, 4.0]]))
try:
    found = median(trips, [10, 10, 1], 2)
    print(found.stopped, found.bound <= found.objective)
except KeyboardInterrupt:
    print("interrupted")
print(median(trips, [10, 10, 1], 2).objective)
"""


@pytest.mark.skipif(not kernels.available(), reason="nothing is compiled here")
@pytest.mark.parametrize("when", ["numba", "numba.core.types"])
def test_ctrl_c_while_numba_is_loaded_is_a_ctrl_c(when: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_LOADING, when], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines() == ["interrupted", "39.0"]


def test_ctrl_c_waits_for_the_end_of_the_block_and_a_second_one_does_not() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), kernels.unbroken():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("first")
    assert done == ["first"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt), kernels.unbroken():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        done.append("second")
    assert done == ["first"]


def test_another_thread_may_compile_too() -> None:
    told = []

    def work() -> None:
        with kernels.unbroken():
            told.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert told == ["done"]
