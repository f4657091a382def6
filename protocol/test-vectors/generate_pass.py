#!/usr/bin/env python3
"""Computes pass.json, independently of the Rust code; needs what generate_venue.py needs.

    /tmp/venv/bin/python generate_pass.py > pass.json
"""

import base64
import json
from hashlib import sha256, sha512

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from generate_venue import ed25519, g1, g2, outside_the_subgroup, u32
from py_ecc.bls import G2Basic
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.optimized_bls12_381 import (
    FQ, G1, G2, Z1, Z2, add, b, curve_order, field_modulus as P, is_on_curve, multiply, neg, pairing,
)

DOMAIN = b"VX-PASS-1_BLS12381G1_XMD:SHA-256_SSWU_RO_"
COFACTOR = 0x396C8C005555E1568C00AAAB0000AAAB
DAY = 20_786  # 2026-11-29
NOW = DAY * 86_400 + 3 * 3_600  # 10:00 in Viet Nam
LIVE, PRINTED = 1, 2


def u16(number: int) -> bytes:
    return number.to_bytes(2, "big")


def sign(secret: int, message: bytes):
    return multiply(hash_to_G1(message, DOMAIN, sha256), secret)


def code(data: bytes) -> str:
    return "VXP1:" + str(int.from_bytes(data, "big"))


def agreement_key(seed: bytes, public: bytes) -> str:
    """The X25519 form of an Ed25519 key, by the birational map and, as a check, by its secret."""
    p = 2**255 - 19
    y = int.from_bytes(public, "little") & (2**255 - 1)
    u = ((1 + y) * pow(1 - y, -1, p) % p).to_bytes(32, "little")
    secret = X25519PrivateKey.from_private_bytes(sha512(seed).digest()[:32])
    assert secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) == u
    return u.hex()


def issuer(fill: int) -> dict:
    secret = G2Basic.KeyGen(bytes([fill]) * 32, b"VX-PASS-KEY-1")
    return {"seed": f"{fill:02x}" * 32, "secret": secret, "public": multiply(G2, secret)}


def make_pass(kind: int, key_id: int, secret: int, fill: int) -> dict:
    key, holder = ed25519(fill)
    content = bytes([1, kind]) + u16(DAY) + bytes([key_id]) + holder
    r = G2Basic.KeyGen(bytes([fill + 1]) * 32, b"VX-PASS-BLIND-1")
    blinded = sign(r, content)
    answer = multiply(blinded, secret)
    signature = multiply(answer, pow(r, -1, curve_order))
    # Without blinding it is the same.
    assert g1(signature) == g1(sign(secret, content))
    data = content + g1(signature)
    vector = {
        "kind": kind, "day": DAY, "key_id": key_id, "holder_seed": f"{fill:02x}" * 32,
        "holder": holder.hex(), "agreement_key": agreement_key(bytes([fill]) * 32, holder),
        "blinding_seed": f"{fill + 1:02x}" * 32, "r": f"{r:064x}", "content": content.hex(),
        "blinded": g1(blinded).hex(), "answer": g1(answer).hex(), "pass": data.hex(),
        "code": code(data),
    }
    if kind & 1:
        live = data + u32(NOW) + key.sign(b"VX-PASS-LIVE-1\0" + data + u32(NOW))
        vector["live"] = {"time": NOW, "bytes": live.hex(), "code": code(live)}
    return vector


def order_three():
    """A point of order 3: what an unchecked multiplication would leak a secret's remainder by."""
    x = 0
    while True:
        x += 1
        y2 = FQ(x) ** 3 + b
        y = y2 ** ((P + 1) // 4)
        if y * y == y2:
            point = multiply((FQ(x), y, FQ(1)), COFACTOR * curve_order // 3)
            if point[2] != FQ(0):
                assert is_on_curve(point, b) and multiply(point, 3)[2] == FQ(0)
                return point


def main() -> dict:
    live, printed, other = issuer(0x21), issuer(0x22), issuer(0x23)
    specimen = G2Basic.KeyGen(bytes(32), b"VX-PASS-SPECIMEN-1")
    passes = [make_pass(LIVE, 0, live["secret"], 0x31), make_pass(PRINTED, 1, printed["secret"], 0x33),
              make_pass(0x80 | LIVE, 0, specimen, 0x35)]
    root, root_public = ed25519(0x41)

    keys = [(DAY, LIVE, 0, live), (DAY, PRINTED, 0, other), (DAY, PRINTED, 1, printed)]
    name = lambda day, kind, key_id: u16(day) + bytes([kind, key_id])
    file = (bytes([1]) + u32(5) + u32(NOW - 3_600) + u32(NOW + 7 * 86_400)
            + (420).to_bytes(2, "big", signed=True) + bytes([3]) + u16(len(keys))
            + b"".join(name(*key[:3]) + g2(key[3]["public"]) for key in keys)
            + u16(1) + name(DAY, PRINTED, 0))
    signed = base64.b64encode(root.sign(b"VX-PASS-KEYS-1\0" + file)) + b"\n" + file

    # A signature with a point of order 3 added passes the pairing: the final exponentiation drops it.
    small = order_three()
    content = bytes.fromhex(passes[1]["content"])
    signature = add(sign(printed["secret"], content), small)
    equal = pairing(G2, signature) == pairing(printed["public"], hash_to_G1(content, DOMAIN, sha256))
    assert equal
    low_g1, low_g2 = outside_the_subgroup()
    # A point of the subgroup whose x fits into 381 bits once more with the modulus added.
    k = next(k for k in range(1, 1_000)
             if (int.from_bytes(g1(multiply(G1, k)), "big") & (2**381 - 1)) + P < 2**381)
    small_x = int.from_bytes(g1(multiply(G1, k)), "big")
    return {
        "source": "generate_pass.py in this folder: py_ecc 8.0.0 and `cryptography`",
        "license": "Apache-2.0",
        "now": NOW,
        "issuers": [{"kind": kind, "id": key_id, "seed": key["seed"],
                     "secret": f"{key['secret']:064x}", "public": g2(key["public"]).hex()}
                    for _, kind, key_id, key in keys],
        "specimen": g2(multiply(G2, specimen)).hex(),
        "passes": passes,
        "keys": {
            "signing_seed": "41" * 32, "root": root_public.hex(), "serial": 5,
            "issued_at": NOW - 3_600, "expires_at": NOW + 7 * 86_400, "minutes_ahead": 420,
            "valid_days": 3, "signed": signed.hex(),
        },
        "refused": {
            "g1_outside_subgroup": g1(low_g1).hex(), "g2_outside_subgroup": g2(low_g2).hex(),
            "g1_identity": g1(Z1).hex(), "g2_identity": g2(Z2).hex(),
            "g1_not_on_curve": (bytes([0x80]) + bytes(46) + bytes([1])).hex(),
            "g1_order_three": g1(small).hex(),
            "g1_not_canonical": (small_x + P).to_bytes(48, "big").hex(),
            "pass_plus_order_three": (content + g1(signature)).hex(),
            "pass_negated": (content + g1(neg(sign(printed["secret"], content)))).hex(),
        },
    }


if __name__ == "__main__":
    print(json.dumps(main(), indent=1, ensure_ascii=False))
