"""The versions of installed packages. It must not import them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def version_of(package: str) -> str:
    """Empty if it is not installed as a package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
