#!/usr/bin/env python3
"""Computes declaration.json, independently of the Rust code; needs what generate_venue.py needs.

    /tmp/venv/bin/python generate_declaration.py > declaration.json
"""

import base64
import json
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from generate_venue import ed25519, text, u32
from hpke import raw, seal

DAY = 20_786  # 2026-11-29
NOW = DAY * 86_400 + 3 * 3_600
AUTHORITY = "vn.hanoi"
FORM = {
    "kind": "population", "day": DAY, "name": "Nguyễn Thị Lan", "born": 1985, "gender": "female",
    "nationality": "VN", "paperKind": "citizen_card", "paper": "001185000001", "ward": 4,
    "address": "13 Lò Đúc, ngõ \"Sáu\"", "phone": "+84912345678", "travelled": False,
    "symptoms": ["fever", "cough"], "contacts": [], "consent": 1,
}


def u16(number: int) -> bytes:
    return number.to_bytes(2, "big")


def key(fill: int) -> tuple[str, bytes]:
    secret = bytes([fill]) * 32
    return secret.hex(), raw(X25519PrivateKey.from_private_bytes(secret))


def info(label: str, rest: bytes) -> bytes:
    return label.encode() + b"\0" + text(AUTHORITY) + rest


def signed(label: bytes, data: bytes, root) -> bytes:
    return base64.b64encode(root.sign(label + b"\0" + data)) + b"\n" + data


def spoken(public: bytes) -> str:
    digest = sha256(b"VX-OFFICER-KEY-1\0" + public).digest()
    return " ".join(f"{int.from_bytes(digest[4 * i:4 * i + 4], 'big') % 100_000:05}" for i in range(6))


def main() -> dict:
    root, root_public = ed25519(0x41)
    officers = []
    for officer, fill, name, groups in ((1, 0x51, "Phạm Văn Bình", [0]), (7, 0x52, "Trần Hoa", [0, 79])):
        secret, public = key(fill)
        officers.append({"id": officer, "secret": secret, "key": public.hex(), "name": name,
                         "groups": groups, "spoken": spoken(public)})
    roster = bytes([1]) + u32(3) + u32(NOW) + u16(len(officers)) + b"".join(
        u16(o["id"]) + bytes.fromhex(o["key"]) + text(o["name"])
        + bytes([len(o["groups"])]) + bytes(o["groups"]) for o in officers)

    keys = []
    for key_id, day, group, fill in ((11, DAY, 0, 0x61), (12, DAY, 79, 0x62), (13, DAY + 1, 0, 0x63)):
        secret, public = key(fill)
        keys.append({"id": key_id, "day": day, "group": group, "secret": secret, "key": public.hex()})
    intake = (bytes([1]) + u32(9) + u32(NOW) + u32(NOW + 35 * 86_400) + u16(420) + u16(len(keys))
              + b"".join(u32(k["id"]) + u16(k["day"]) + bytes([k["group"]]) + bytes.fromhex(k["key"])
                         for k in keys))

    half = seal(bytes.fromhex(officers[1]["key"]), info("VX-INTAKE-HALF-1", u32(12)),
                u16(DAY) + bytes([79]) + u16(7), bytes.fromhex(keys[1]["secret"]), bytes([0x71]) * 32)

    plain_json = json.dumps(FORM, ensure_ascii=False, separators=(",", ":")).encode()
    plain = (u16(len(plain_json)) + plain_json).ljust(2_048, b"\0")
    submission = bytes(range(16))
    aad = bytes([1]) + FORM["ward"].to_bytes(3, "big") + u16(DAY) + submission
    sealed = seal(bytes.fromhex(keys[0]["key"]), info("VX-INTAKE-1", u32(11)), aad, plain,
                  bytes([0x72]) * 32)
    return {
        "source": "generate_declaration.py in this folder: `cryptography`, HPKE by hpke.py",
        "license": "Apache-2.0",
        "now": NOW, "authority": AUTHORITY,
        "root": {"signing_seed": "41" * 32, "key": root_public.hex()},
        "roster": {"serial": 3, "officers": officers,
                   "signed": signed(b"VX-OFFICERS-1", roster, root).hex()},
        "intake": {"serial": 9, "issued_at": NOW, "expires_at": NOW + 35 * 86_400,
                   "minutes_ahead": 420, "keys": keys,
                   "signed": signed(b"VX-INTAKE-KEYS-1", intake, root).hex()},
        "half": {"key": 12, "officer": 7, "ikm": "71" * 32, "sealed": half.hex()},
        "declaration": {"form": FORM, "json": plain_json.decode(), "submission": submission.hex(),
                        "key": 11, "ikm": "72" * 32, "sealed": sealed.hex()},
        "receipt": {"secret": "81" * 16,
                    "hash": sha256(b"VX-RECEIPT-1\0" + bytes([0x81]) * 16).hexdigest()},
    }


if __name__ == "__main__":
    print(json.dumps(main(), indent=1, ensure_ascii=False))
