"""Limits for clients: seconds, rates, sizes, and the number of connections of a worker.

gunicorn.conf.py sets them from the environment. It must import nothing of Tocsin.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

MIB = 1024 * 1024
DESCRIPTORS_OF_A_CONNECTION = 2
"""Its socket, and the temporary file of a long body or answer."""
DESCRIPTORS_OF_A_THREAD = 3
RESERVED_DESCRIPTORS = 64
"""For listening sockets, logs, metrics, pack files and the process that compiles packs."""


Admits = Callable[[str, str, Sequence[str]], bool]
"""Whether the body of a request is worth receiving, by its method, its path and its headers Authorization."""


def admits_all(method: str, path: str, authorizations: Sequence[str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Limits:
    """`body_rate` and `answer_rate` are bytes a second, measured over `rate_seconds`.

    `spool_bytes` is the size of all temporary files of a worker, for bodies and answers. `body_bytes` is the limit of
    a body, except for the paths in `bodies_of_paths`. A long body that is not admitted is not received.
    """

    head_seconds: int = 10
    body_seconds: int = 600
    body_rate: int = 1024
    answer_rate: int = 1024
    rate_seconds: int = 20
    spool_bytes: int = 512 * MIB
    body_bytes: int = MIB
    bodies_of_paths: Mapping[str, int] = field(default_factory=dict)
    admits: Admits = admits_all

    def body_limit(self, path: str) -> int:
        return self.bodies_of_paths.get(path, self.body_bytes)


def most_connections(threads: int, wanted: int) -> int:
    """At most `wanted`, and at most what the process's limit of descriptors allows after a reserve."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return wanted
    reserved = RESERVED_DESCRIPTORS + DESCRIPTORS_OF_A_THREAD * threads
    left = descriptors - min(reserved, descriptors // 2)
    return max(1, min(wanted, left // DESCRIPTORS_OF_A_CONNECTION))
