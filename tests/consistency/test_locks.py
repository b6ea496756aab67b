"""What is installed is locked, by hash, and names no host."""

import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.consistency import ROOT, told, tracked

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROFILES = ("base", "prod", "test", "front")
HOSTS = ("registry." + "npmjs", "pypi" + ".org", "python" + "hosted", "deb." + "debian", "security." + "debian")
PATHS = ("/work" + "/", "/root" + "/")


def lock(profile: str) -> dict[str, list[str]]:
    """Every locked version of every package of a profile."""
    versions: dict[str, list[str]] = {}
    text = (ROOT / "requirements" / f"{profile}.txt").read_text(encoding="utf-8")
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, flags=re.MULTILINE):
        versions.setdefault(canonicalize_name(name), []).append(version)
    return versions


def wanted(profile: str) -> list[Requirement]:
    project, groups = PROJECT["project"], PROJECT["dependency-groups"]
    base, postgres = project["dependencies"], project["optional-dependencies"]["postgres"]
    lists = {"base": base, "prod": base + postgres, "test": base + postgres + groups["test"], "front": groups["front"]}
    return [Requirement(text) for text in lists[profile]]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_direct_dependency_is_locked_at_an_allowed_version(profile):
    locked = lock(profile)
    wrong = [
        f"{one.name}: {locked.get(canonicalize_name(one.name))}"
        for one in wanted(profile)
        if not any(one.specifier.contains(version) for version in locked.get(canonicalize_name(one.name), []))
    ]
    assert wrong == []


@pytest.mark.parametrize("profile", PROFILES)
def test_every_locked_package_has_hashes_and_no_address(profile):
    text = (ROOT / "requirements" / f"{profile}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) == sum(len(versions) for versions in lock(profile).values())


def test_a_shared_package_has_one_version_in_all_profiles():
    base = lock("base")
    for profile in ("prod", "test"):
        other = lock(profile)
        assert {name: other.get(name) for name in base} == base


def test_npm_packages_are_exact_locked_and_without_address():
    package = json.loads((ROOT / "package.json").read_text())
    held = json.loads((ROOT / "package-lock.json").read_text())
    assert held["packages"][""]["devDependencies"] == package["devDependencies"]
    for name, version in package["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert held["packages"][f"node_modules/{name}"]["version"] == version
    for name, facts in held["packages"].items():
        assert "resolved" not in facts
        assert not name or facts["integrity"].startswith("sha512-")


def test_no_file_names_a_registry_or_a_path_of_one_machine():
    found = []
    for path in tracked():
        content = path.read_bytes()
        found += [f"{told(path)}: {sign}" for sign in (*HOSTS, *PATHS) if sign.encode() in content]
    assert found == []


def test_no_built_or_downloaded_file_is_followed():
    assert [told(path) for path in tracked() if path.suffix in (".mo", ".pyc", ".sqlite3", ".woff2", ".whl")] == []
