"""The analysis is for notebooks too: it comes alone, and quickly."""

import pkgutil
import subprocess
import sys

import maillage.analysis

HEAVY = ("django", "numba", "highspy", "scipy.spatial", "numpy.f2py", "numpy.testing", "unittest", "tkinter")
IMPORTS_ALL = """
import sys
from importlib import import_module
for name in sys.argv[1].split():
    import_module(name)
print(*(name for name in sys.argv[2].split() if name in sys.modules))
"""


def loaded(names: list[str], among: tuple[str, ...]) -> str:
    told = subprocess.run(
        [sys.executable, "-c", IMPORTS_ALL, " ".join(names), " ".join(among)],
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.strip()


def test_the_whole_analysis_loads_no_framework_and_nothing_slow() -> None:
    packages = pkgutil.walk_packages(maillage.analysis.__path__, "maillage.analysis.")
    names = [one.name for one in packages]
    assert "maillage.analysis.siting.cover" in names
    assert loaded(names, HEAVY) == ""


def test_what_needs_no_matrix_loads_no_scipy() -> None:
    names = ["demand", "decay", "distance", "lands", "likeness", "viability"]
    assert loaded([f"maillage.analysis.{name}" for name in names], ("scipy",)) == ""


def test_numpy_shows_all_its_parts_again() -> None:
    assert loaded(["maillage.analysis.travel", "numpy.f2py"], ("numpy.f2py",)) == "numpy.f2py"
    code = (
        "import numpy; from maillage.analysis import sparse; assert 'f2py' in numpy.__all__; assert 'ma' in dir(numpy)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
