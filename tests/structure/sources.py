"""The modules of a source tree and their imports of each other. It reads the modules without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

TOPS = ("service", "schemas")


@dataclass(frozen=True, slots=True)
class Module:
    """`path` is relative to the tree, with slashes; a package is its `__init__.py`."""

    path: str
    code: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.endswith("/__init__.py")

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


def read_modules(tree: Path) -> dict[str, Module]:
    """All modules of `service` and `schemas` by dotted name."""
    found = (
        Module(path.relative_to(tree).as_posix(), ast.parse(path.read_text("utf-8")))
        for top in TOPS
        for path in sorted((tree / top).rglob("*.py"))
    )
    return {module.name: module for module in found}


def imports(modules: Mapping[str, Module]) -> set[tuple[str, str]]:
    """Pairs of names: the first module imports the second. Imports inside functions and imports only for types count too."""
    return {
        (module.name, imported)
        for module in modules.values()
        for imported in _imported(module, modules)
    }


def _imported(module: Module, modules: Mapping[str, Module]) -> Iterator[str]:
    for node in ast.walk(module.code):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name in modules)
            case ast.ImportFrom(names=names):
                source = _source(module, node)
                for alias in names:
                    inside = f"{source}.{alias.name}"
                    if inside in modules or source in modules:
                        yield inside if inside in modules else source


def _source(module: Module, node: ast.ImportFrom) -> str:
    """The absolute name of the module that is imported from."""
    if not node.level:
        return node.module or ""
    package = module.name if module.is_package else module.name.rpartition(".")[0]
    for _ in range(node.level - 1):
        package = package.rpartition(".")[0]
    return f"{package}.{node.module}" if node.module else package
