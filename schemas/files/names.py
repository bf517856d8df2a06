"""The closed sets of words that an author may write."""

from __future__ import annotations

from typing import Literal, get_args

OutputTypeName = Literal["integer", "number", "boolean", "string", "enum", "actions"]
"""What an author may write for `type` of an output."""
OUTPUT_TYPES: tuple[OutputTypeName, ...] = get_args(OutputTypeName)
HitPolicyName = Literal[
    "unique", "any", "priority", "first", "collect", "collect_all", "sum", "min", "max", "count"
]
"""What an author may write for `hit`. What each means is in `service.language.declared.hit_policies`."""
HIT_POLICY_NAMES: tuple[HitPolicyName, ...] = get_args(HitPolicyName)
AgainBy = Literal["when", "worse", "changed", "after"]
"""What an author may write in `again_when` of an action: the ways in which a change asks for it again."""
AGAIN_BY: tuple[AgainBy, ...] = get_args(AgainBy)
HowRead = Literal["text", "summary", "unread"]
"""What an author may write for `read` of a ground: its text was read, only a summary, or neither."""
HOW_READ: tuple[HowRead, ...] = get_args(HowRead)
