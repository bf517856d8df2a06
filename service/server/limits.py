"""How long and how slowly a client may send and read, and how many connections a worker takes.

gunicorn.conf.py fills these in; without it the defaults hold.
"""

from __future__ import annotations

import resource
from collections.abc import Mapping
from dataclasses import dataclass, field

MIB = 1024 * 1024
DESCRIPTORS_OF_A_CONNECTION = 2
"""Its socket, and the file of a body or an answer that does not fit into memory."""
DESCRIPTORS_OF_A_THREAD = 3
RESERVED_DESCRIPTORS = 64
"""For listeners, logs, metrics, packs that are read and the process that compiles them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`body_rate` and `answer_rate` are bytes a second, measured over `rate_seconds`.

    `spool_bytes` may lie in files: bodies that are received and answers that are sent. A body has at most
    `body_bytes`; paths with another limit are in `bodies_of_paths`.
    """

    head_seconds: int = 10
    body_seconds: int = 600
    body_rate: int = 1024
    answer_rate: int = 1024
    rate_seconds: int = 20
    spool_bytes: int = 512 * MIB
    body_bytes: int = MIB
    bodies_of_paths: Mapping[str, int] = field(default_factory=dict)

    def body_limit(self, path: str) -> int:
        return self.bodies_of_paths.get(path, self.body_bytes)


def most_connections(threads: int, wanted: int) -> int:
    """As many as wanted, if the process may have so many descriptors: some are kept for everything else."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return wanted
    reserve = RESERVED_DESCRIPTORS + DESCRIPTORS_OF_A_THREAD * threads
    left = descriptors - min(reserve, descriptors // 2)
    return max(1, min(wanted, left // DESCRIPTORS_OF_A_CONNECTION))
