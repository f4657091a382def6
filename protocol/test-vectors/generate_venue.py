#!/usr/bin/env python3
"""Computes venue.json, independently of the Rust code.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install py_ecc==8.0.0 cryptography
    /tmp/venv/bin/python generate_venue.py > venue.json

BLS12-381 is py_ecc's (in Python alone); `cryptography` gives HKDF, ChaCha20-Poly1305, Ed25519.
XChaCha20-Poly1305 is put together from HChaCha20 below.
"""

import base64
import json
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_ecc.bls import G2Basic
from py_ecc.bls.hash_to_curve import hash_to_G2
from py_ecc.bls.point_compression import compress_G1, compress_G2
from py_ecc.optimized_bls12_381 import (
    FQ, FQ2, FQ12, G1, G2, Z1, Z2, add, b, b2, curve_order, field_modulus as P, is_on_curve,
    multiply, neg, pairing,
)

PROOF_DOMAIN = b"VX-VENUE-POP-1_BLS12381G2_XMD:SHA-256_SSWU_RO_"
SLOT_DOMAIN = b"VX-VENUE-SLOT-1_BLS12381G2_XMD:SHA-256_SSWU_RO_"
HOUR = 495_600  # 2026-07-16T00:00Z
REPORT_TYPE, INFECTIOUSNESS = 1, 2


def g1(point) -> bytes:
    return compress_G1(point).to_bytes(48, "big")


def g2(point) -> bytes:
    return b"".join(part.to_bytes(48, "big") for part in compress_G2(point))


def gt(p, q) -> bytes:
    """The pairing as the protocol pins it: py_ecc's value to the power of -3, then the
    coefficients of w^0..w^5 in Fp2, real part first, where w^6 = 1 + u."""
    value = FQ12.one() / pairing(q, p) ** 3
    c = [int(x) for x in value.coeffs]
    parts = [part for k in range(6) for part in ((c[k] + c[k + 6]) % P, c[k + 6])]
    return b"".join(part.to_bytes(48, "big") for part in parts)


def sign(secret: int, message: bytes, domain: bytes):
    return multiply(hash_to_G2(message, domain, sha256), secret)


def hkdf(key: bytes, info: bytes, salt: bytes | None = None, length: int = 32) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key)


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def text(value: str) -> bytes:
    return bytes([len(value.encode())]) + value.encode()


def padded(value: str, limit: int) -> bytes:
    return text(value).ljust(1 + limit, b"\0")


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    words = [int.from_bytes(chunk, "little") for chunk in
             [(b"expand 32-byte k" + key + nonce)[i:i + 4] for i in range(0, 64, 4)]]

    def quarter(a, b_, c, d):
        for x, y, z, turn in ((a, b_, d, 16), (c, d, b_, 12), (a, b_, d, 8), (c, d, b_, 7)):
            words[x] = (words[x] + words[y]) & 0xFFFFFFFF
            value = words[z] ^ words[x]
            words[z] = (value << turn | value >> (32 - turn)) & 0xFFFFFFFF

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for row in range(4):
            quarter(row, (row + 1) % 4 + 4, (row + 2) % 4 + 8, (row + 3) % 4 + 12)
    return b"".join(word.to_bytes(4, "little") for word in words[:4] + words[12:])


def party(name: str, seed: int) -> dict:
    secret = G2Basic.KeyGen(bytes([seed]) * 32, b"VX-VENUE-KEY-1")
    public = multiply(G1, secret)
    proof = sign(secret, name.encode() + b"\0" + g1(public), PROOF_DOMAIN)
    return {"secret": secret, "public": public, "proof": proof}


def ed25519(seed: int):
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return key, key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def seal_visit(plain: bytes, x: bytes, master, identity: bytes) -> dict:
    r = G2Basic.KeyGen(x + plain, b"VX-VENUE-R-1")
    c1 = g1(multiply(G1, r))
    # By the definition, e(r * mpk, H(id)), not by the short cut that the Rust code takes.
    value = gt(multiply(master, r), hash_to_G2(identity, SLOT_DOMAIN, sha256))
    mask = sha256(b"VX-VENUE-MASK-1" + c1 + value).digest()
    c2 = bytes(left ^ right for left, right in zip(x, mask))
    c3 = ChaCha20Poly1305(hkdf(x, b"VX-VENUE-CELL-1")).encrypt(bytes(12), plain, c1)
    return {"x": x.hex(), "r": f"{r:064x}", "plain": plain.hex(), "sealed": (c1 + c2 + c3).hex()}


def outside_the_subgroup():
    """Points on the curves whose order is not the group's, found by counting up x."""
    x = 0
    while True:
        x += 1
        y2 = FQ(x) ** 3 + b
        y = y2 ** ((P + 1) // 4)
        if y * y == y2 and multiply((FQ(x), y, FQ(1)), curve_order)[2] != FQ(0):
            yield_g1 = (FQ(x), y, FQ(1))
            break
    x = 0
    while True:
        x += 1
        y2 = FQ2([x, 0]) ** 3 + b2
        # Square root in Fp2, P = 3 mod 4.
        a1 = y2 ** ((P - 3) // 4)
        alpha, x0 = a1 * a1 * y2, a1 * y2
        y = (FQ2([0, 1]) * x0 if alpha == FQ2([-1, 0])
             else (FQ2.one() + alpha) ** ((P - 1) // 2) * x0)
        if y * y == y2:
            point = (FQ2([x, 0]), y, FQ2.one())
            if multiply(point, curve_order)[2] != FQ2.zero():
                break
    assert is_on_curve(yield_g1, b) and is_on_curve(point, b2)
    return yield_g1, point


def slot_of(source: bytes, hour: int, venue: dict, authority: dict) -> dict:
    k = hkdf(source, b"venue-key", b"VX-VENUE-1")
    identity = hkdf(k, b"slot-id" + u32(hour))
    shares = [sign(side["secret"], identity, SLOT_DOMAIN) for side in (venue, authority)]
    return {"hour": hour, "identity": identity, "notify": hkdf(k, b"notify" + u32(hour)),
            "shares": shares, "key": add(*shares)}


def slot_vector(slot: dict) -> dict:
    return {"hour": slot["hour"], "identity": slot["identity"].hex(),
            "notify_key": slot["notify"].hex(), "venue_share": g2(slot["shares"][0]).hex(),
            "authority_share": g2(slot["shares"][1]).hex(), "key": g2(slot["key"]).hex()}


def visit_vector(slot: dict, start: int, end: int, companions: int, fill: int, master) -> dict:
    base = slot["hour"] * 3600
    plain = (u32(base + start) + u32(base + end) + slot["notify"] + bytes([companions])
             + padded("Chợ Đồng Xuân", 54))
    return {"hour": slot["hour"], "from": base + start, "until": base + end,
            "companions": companions, "venue": "Chợ Đồng Xuân",
            **seal_visit(plain, bytes([fill]) * 32, master, slot["identity"])}


def url_of(payload: bytes) -> str:
    return "https://yte.example.vn/v#" + base64.urlsafe_b64encode(payload).decode().rstrip("=")


def display(poster: bytes, poster_key, venue: dict, authority: dict, master) -> dict:
    """The same poster on a screen: flag 1, its key after the texts, then the codes of two hours."""
    display_key, display_public = ed25519(6)
    secret = bytes([7]) * 32
    payload = poster[:1] + bytes([2]) + poster[2:-64] + display_public
    payload += poster_key.sign(b"VX-POSTER-1\0" + payload)
    codes, slots = [], []
    for scan_hour in (HOUR, HOUR + 1):
        seed = hkdf(secret, b"display-seed" + u32(scan_hour), length=16)
        source = payload + u32(scan_hour) + seed
        shown = source + display_key.sign(b"VX-DISPLAY-1\0" + source)
        codes.append({"scan_hour": scan_hour, "seed": seed.hex(), "shown": shown.hex(),
                      "url": url_of(shown)})
        slots += [(scan_hour, slot_of(source, hour, venue, authority))
                  for hour in (HOUR + 1, HOUR + 3)]
    return {
        "signing_seed": "06" * 32, "display_key": display_public.hex(), "secret": secret.hex(),
        "payload": payload.hex(), "codes": codes,
        "slots": [{"scan_hour": scan_hour, **slot_vector(slot)} for scan_hour, slot in slots],
        "visit": {"scan_hour": HOUR, **visit_vector(slots[1][1], 60, 1800, 1, 0x33, master)},
    }


def main() -> dict:
    venue, authority = party("venue", 1), party("authority", 2)
    poster_key, poster_public = ed25519(3)
    warning_key, warning_public = ed25519(4)
    master = add(venue["public"], authority["public"])

    not_before, expires = HOUR // 24 - 10, HOUR // 24 + 355
    payload = (bytes([1, 1, 24, 7]) + not_before.to_bytes(2, "big") + expires.to_bytes(2, "big")
               + (4).to_bytes(3, "big") + bytes(range(16)) + g1(venue["public"])
               + text("Chợ Đồng Xuân") + text("Tầng 2") + text("Phố Đồng Xuân"))
    payload += poster_key.sign(b"VX-POSTER-1\0" + payload)
    slots = [slot_of(payload, hour, venue, authority) for hour in (HOUR, HOUR + 1)]
    visits = [visit_vector(slots[0], 600, 3600, 0, 0x11, master),
              visit_vector(slots[1], 0, 1500, 3, 0x22, master)]

    start, end = HOUR * 3600 + 1200, HOUR * 3600 + 4800
    notice = (u32(start) + u32(end) + bytes([REPORT_TYPE, INFECTIOUSNESS])
              + padded("Gọi 1900 9095.", 117))
    nonce = bytes(range(24))
    head = u32(HOUR) + g2(slots[0]["key"])
    sealed = ChaCha20Poly1305(hchacha20(slots[0]["notify"], nonce[:16])).encrypt(
        bytes(4) + nonce[16:], notice, b"VX-VENUE-NOTICE-1\0" + head)
    warning = head + nonce + sealed

    # A batch whose decoys are the warning itself, over and over: only the format is shown.
    batch = (bytes([1]) + text("VN-HN") + u32(HOUR * 3600) + u32(HOUR * 3600 + 86400)
             + (32).to_bytes(2, "big") + warning * 32)
    signature = warning_key.sign(b"VX-WARNINGS-1\0" + batch)
    low_g1, low_g2 = outside_the_subgroup()
    return {
        "source": "generate_venue.py in this folder: py_ecc 8.0.0 and `cryptography`",
        "license": "Apache-2.0",
        "pairings": [
            {"p": g1(p).hex(), "q": g2(q).hex(), "gt": gt(p, q).hex()}
            for p, q in ((G1, G2), (master, slots[0]["key"]))
        ],
        "parties": [
            {"party": name, "seed": f"{seed:02x}" * 32, "secret": f"{side['secret']:064x}",
             "public": g1(side["public"]).hex(), "proof": g2(side["proof"]).hex()}
            for name, seed, side in (("venue", 1, venue), ("authority", 2, authority))
        ],
        "master": g1(master).hex(),
        "poster": {
            "signing_seed": "03" * 32, "signing_key": poster_public.hex(),
            "shares_in_advance": True, "default_stay": 24, "authority_key_id": 7,
            "not_before": not_before, "expires": expires, "ward": 4,
            "seed": bytes(range(16)).hex(), "name": "Chợ Đồng Xuân", "unit": "Tầng 2",
            "street": "Phố Đồng Xuân", "payload": payload.hex(), "url": url_of(payload),
        },
        "slots": [slot_vector(slot) for slot in slots],
        "visits": visits,
        "display": display(payload, poster_key, venue, authority, master),
        "warning": {
            "hour": HOUR, "from": start, "until": end, "report_type": REPORT_TYPE,
            "infectiousness": INFECTIOUSNESS, "text": "Gọi 1900 9095.", "bytes": warning.hex(),
        },
        "batch": {
            "signing_seed": "04" * 32, "signing_key": warning_public.hex(), "region": "VN-HN",
            "warnings": 32, "signature": base64.b64encode(signature).decode(),
            "sha256": sha256(base64.b64encode(signature) + b"\n" + batch).hexdigest(),
        },
        "refused": {
            "g1_outside_subgroup": g1(low_g1).hex(), "g2_outside_subgroup": g2(low_g2).hex(),
            "g1_identity": g1(Z1).hex(), "g2_identity": g2(Z2).hex(),
            "g1_not_on_curve": (bytes([0x80]) + bytes(46) + bytes([1])).hex(),
        },
        # Keys that would cancel the other party's: x * G1 - the other's key, with x known.
        "rogue": [
            {"party": name, "x": f"{x:064x}",
             "public": g1(add(multiply(G1, x), neg(other["public"]))).hex(),
             "proof_over_x": g2(sign(x, name.encode() + b"\0" + g1(
                 add(multiply(G1, x), neg(other["public"]))), PROOF_DOMAIN)).hex(),
             "cancelling": g1(neg(other["public"])).hex()}
            for name, x, other in (("venue", 424242, authority), ("authority", 515151, venue))
        ],
    }


if __name__ == "__main__":
    print(json.dumps(main(), indent=1, ensure_ascii=False))
