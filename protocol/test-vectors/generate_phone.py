#!/usr/bin/env python3
"""Computes phone.json, independently of the Rust code; needs what generate_venue.py needs.

    /tmp/venv/bin/python generate_phone.py > phone.json
"""

import base64
import json
from hashlib import sha256

from generate_pass import NOW, DAY, order_three, u16
from generate_venue import ed25519, g1, g2, outside_the_subgroup, u32
from py_ecc.bls import G2Basic
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.optimized_bls12_381 import G2, Z1, Z2, add, curve_order, multiply, neg, pairing

DOMAIN = b"VX-PHONE-TOKEN-1_BLS12381G1_XMD:SHA-256_SSWU_RO_"
NUMBER = "+84912345678"


def sign(secret: int, message: bytes):
    return multiply(hash_to_G1(message, DOMAIN, sha256), secret)


def issuer(day: int, fill: int) -> dict:
    secret = G2Basic.KeyGen(bytes([fill]) * 32, b"VX-PHONE-TOKEN-KEY-1")
    _, proof = ed25519(fill + 1)
    return {"day": day, "token_seed": f"{fill:02x}" * 32, "token_secret": secret,
            "token_key": g2(multiply(G2, secret)).hex(), "proof_seed": f"{fill + 1:02x}" * 32,
            "proof_key": proof.hex()}


def token(issuer: dict, fill: int) -> dict:
    content = bytes([1]) + u16(issuer["day"]) + bytes([fill]) * 32
    r = G2Basic.KeyGen(bytes([fill + 1]) * 32, b"VX-PHONE-BLIND-1")
    blinded = sign(r, content)
    answer = multiply(blinded, issuer["token_secret"])
    signature = multiply(answer, pow(r, -1, curve_order))
    # Without blinding it is the same.
    assert g1(signature) == g1(sign(issuer["token_secret"], content))
    return {"nonce": f"{fill:02x}" * 32, "blinding_seed": f"{fill + 1:02x}" * 32, "r": f"{r:064x}",
            "blinded": g1(blinded).hex(), "answer": g1(answer).hex(),
            "token": (content + g1(signature)).hex(),
            "spent": sha256(b"VX-PHONE-SPENT-1\0" + content).hexdigest()}


def main() -> dict:
    issuers = [issuer(DAY, 0x51), issuer(DAY + 1, 0x53)]
    today = issuers[0]
    root, root_public = ed25519(0x41)
    file = (bytes([1]) + u32(7) + u32(NOW - 3_600) + u32(NOW + 7 * 86_400)
            + (420).to_bytes(2, "big", signed=True) + u16(len(issuers))
            + b"".join(u16(key["day"]) + bytes([0]) + bytes.fromhex(key["token_key"] + key["proof_key"])
                       for key in issuers))
    signed = base64.b64encode(root.sign(b"VX-PHONE-KEYS-1\0" + file)) + b"\n" + file
    proof_key, _ = ed25519(0x52)
    message = b"VX-PHONE-PROOF-1\0" + u16(DAY) + NUMBER.encode()

    tokens = [token(today, 0x61), token(today, 0x63)]
    # A token with a point of order 3 added passes the pairing: the final exponentiation drops it.
    content = bytes.fromhex(tokens[0]["token"])[:35]
    right = sign(today["token_secret"], content)
    marked = add(right, order_three())
    key = multiply(G2, today["token_secret"])
    assert pairing(G2, marked) == pairing(key, hash_to_G1(content, DOMAIN, sha256))
    low_g1, low_g2 = outside_the_subgroup()
    for each in issuers:
        each["token_secret"] = f"{each['token_secret']:064x}"
    return {
        "source": "generate_phone.py in this folder: py_ecc 8.0.0 and `cryptography`",
        "license": "Apache-2.0",
        "now": NOW,
        "day": DAY,
        "issuers": issuers,
        "keys": {"signing_seed": "41" * 32, "root": root_public.hex(), "serial": 7,
                 "issued_at": NOW - 3_600, "expires_at": NOW + 7 * 86_400, "minutes_ahead": 420,
                 "signed": signed.hex()},
        "tokens": tokens,
        "proof": {"number": NUMBER, "message": message.hex(),
                  "base64": base64.b64encode(proof_key.sign(message)).decode()},
        "refused": {
            "g1_outside_subgroup": g1(low_g1).hex(), "g2_outside_subgroup": g2(low_g2).hex(),
            "g1_identity": g1(Z1).hex(), "g2_identity": g2(Z2).hex(),
            "g1_order_three": g1(order_three()).hex(),
            "token_plus_order_three": (content + g1(marked)).hex(),
            "token_negated": (content + g1(neg(right))).hex(),
        },
    }


if __name__ == "__main__":
    print(json.dumps(main(), indent=1, ensure_ascii=False))
