#!/usr/bin/env python3
"""Computes disclosure.json, independently of the Rust code, with the standard library alone.

    python3 generate_disclosure.py > disclosure.json
"""

import json
from hashlib import sha256

VISITS = [
    ("Market", 1784160000, 1784163600),
    ("Station", 1784100000, 1784100001),
    ("Hospital", 1784000000, 1784086400),
    ("End of time", 4294967294, 4294967295),
]


def visit(payload: str, start: int, end: int) -> tuple[str, bytes]:
    poster = sha256(payload.encode()).digest()[:16]
    line = f"vx-visit:1:{poster.hex()}:{start}:{end}"
    return line, poster + start.to_bytes(4, "big") + end.to_bytes(4, "big")


def code(visits: list[tuple[str, bytes]], version: int = 1, count: int | None = None) -> str:
    head = bytes([version, len(visits) if count is None else count])
    return "VXV1:" + str(int.from_bytes(head + b"".join(part for _, part in visits), "big"))


all_visits = [visit(*one) for one in VISITS]
ten = [visit(f"Poster {i}", 1784000000 + i * 7200, 1784000000 + i * 7200 + 3600) for i in range(10)]
reversed_times = visit("Market", 1784163600, 1784160000)
print(json.dumps({
    "codes": [
        {"code": code(some), "lines": [line for line, _ in some]}
        for some in (all_visits[:1], all_visits, ten)
    ],
    "refused": {
        "another version": code(all_visits, version=2),
        "no visits": code([]),
        "fewer visits than it says": code(all_visits, count=5),
        "more visits than it says": code(all_visits, count=3),
        "more visits than a code holds": code(ten + all_visits[:1]),
        "ends before it begins": code([reversed_times]),
        "without prefix": code(all_visits)[5:],
        "other digits": code(all_visits) + "a",
        "a leading zero": "VXV1:0" + code(all_visits)[5:],
        "nothing": "VXV1:",
    },
}, indent=1))
