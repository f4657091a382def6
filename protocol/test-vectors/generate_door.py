#!/usr/bin/env python3
"""Computes door.json, independently of the Rust code; needs what generate_venue.py needs.

    /tmp/venv/bin/python generate_door.py > door.json
"""

import base64
import json
from hashlib import sha256, sha512

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from generate_venue import (
    ed25519, g1, g2, gt, hchacha20, hkdf, padded, party, sign, text, u32,
)
from hpke import raw, seal
from py_ecc.bls import G2Basic
from py_ecc.bls.hash_to_curve import hash_to_G1, hash_to_G2
from py_ecc.optimized_bls12_381 import G1, G2, add, multiply

DOMAIN = b"VX-DOOR-SLOT-1_BLS12381G2_XMD:SHA-256_SSWU_RO_"
CARD_DOMAIN = b"VX-CARD-1_BLS12381G1_XMD:SHA-256_SSWU_RO_"
AUTHORITY = "vn.hanoi"
DAY = 20_786
HOUR = DAY * 24 + 3
START = HOUR * 3600


def u16(number: int) -> bytes:
    return number.to_bytes(2, "big")


def info(label: str, rest: bytes) -> bytes:
    return label.encode() + b"\0" + text(AUTHORITY) + rest


def xchacha(key: bytes, nonce: bytes, aad: bytes, plain: bytes) -> bytes:
    sealed = ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], plain, aad)
    return nonce + sealed


def record(plain: bytes, fill: int, master, identity: bytes) -> str:
    plain = plain.ljust(256, b"\0")
    x = bytes([fill]) * 32
    r = G2Basic.KeyGen(x + plain, b"VX-DOOR-R-1")
    c1 = g1(multiply(G1, r))
    value = gt(multiply(master, r), hash_to_G2(identity, DOMAIN, sha256))
    c2 = bytes(a ^ b for a, b in zip(x, sha256(b"VX-DOOR-MASK-1" + c1 + value).digest()))
    c3 = ChaCha20Poly1305(hkdf(x, b"VX-DOOR-RECORD-1")).encrypt(bytes(12), plain, c1)
    return (c1 + c2 + c3).hex()


def card() -> dict:
    sealing = X25519PrivateKey.from_private_bytes(bytes([0x91]) * 32)
    secret = G2Basic.KeyGen(bytes([0x92]) * 32, b"VX-CARD-KEY-1")
    head = bytes([1, 1]) + u16(DAY + 90) + bytes([4])
    plain = padded("+84912000006", 16) + padded("Cụ Sáu", 46)
    signed = head + seal(raw(sealing), info("VX-CARD-1", bytes([4])), head, plain, bytes([0x93]) * 32)
    data = signed + g1(multiply(hash_to_G1(signed, CARD_DOMAIN, sha256), secret))
    return {"key_id": 4, "last_day": DAY + 90, "sealing_secret": "91" * 32,
            "sealing_key": raw(sealing).hex(), "issuer_seed": "92" * 32,
            "signing_key": g2(multiply(G2, secret)).hex(), "ikm": "93" * 32,
            "phone": "+84912000006", "name": "Cụ Sáu", "card": data.hex(),
            "code": "VXC1:" + str(int.from_bytes(data, "big"))}


def card_keys(first: dict) -> dict:
    """The file of card keys, and the first one's private half sealed to an officer."""
    root, root_public = ed25519(0x41)
    secret = G2Basic.KeyGen(bytes([0x96]) * 32, b"VX-CARD-KEY-1")
    second = raw(X25519PrivateKey.from_private_bytes(bytes([0x95]) * 32))
    # Quarters from 2026-10-01 and from 2027-01-01; cards are good until the end of the one after.
    keys = [{"id": 4, "first_day": DAY - 59, "last_day": DAY + 122, "sealing_key": first["sealing_key"],
             "signing_key": first["signing_key"]},
            {"id": 5, "first_day": DAY + 33, "last_day": DAY + 213, "sealing_key": second.hex(),
             "signing_key": g2(multiply(G2, secret)).hex()}]
    expires = (DAY + 214) * 86_400 - 420 * 60
    data = (bytes([1]) + u32(6) + u32(START) + u32(expires) + u16(420) + u16(len(keys))
            + b"".join(bytes([k["id"]]) + u16(k["first_day"]) + u16(k["last_day"])
                       + bytes.fromhex(k["sealing_key"] + k["signing_key"]) for k in keys))
    signed = base64.b64encode(root.sign(b"VX-CARD-KEYS-1\0" + data)) + b"\n" + data
    officer = raw(X25519PrivateKey.from_private_bytes(bytes([0x52]) * 32))
    half = seal(officer, info("VX-CARD-HALF-1", bytes([4])), u16(DAY - 59) + u16(7),
                bytes.fromhex(first["sealing_secret"]), bytes([0x97]) * 32)
    return {"root": root_public.hex(), "serial": 6, "issued_at": START, "expires_at": expires,
            "minutes_ahead": 420, "keys": keys, "signed": signed.hex(),
            "half": {"key": 4, "officer": 7, "officer_secret": "52" * 32, "ikm": "97" * 32,
                     "sealed": half.hex()}}


def contact() -> dict:
    secret = X25519PrivateKey.from_private_bytes(bytes([0x61]) * 32)
    plain = padded("NGUYEN VAN BA", 170) + padded("+84912000007", 16)
    sealed = u32(11) + seal(raw(secret), info("VX-CONTACT-1", u32(11)), u16(DAY), plain, bytes([0x94]) * 32)
    return {"key_id": 11, "day": DAY, "secret": "61" * 32, "key": raw(secret).hex(),
            "ikm": "94" * 32, "name": "NGUYEN VAN BA", "phone": "+84912000007", "sealed": sealed.hex()}


def warning(holder_seed: bytes, index: int, ephemeral, notice: bytes, nonce: bytes) -> dict:
    _, public = ed25519(holder_seed[0])
    p = 2**255 - 19
    y = int.from_bytes(public, "little") & (2**255 - 1)
    agreement = ((1 + y) * pow(1 - y, -1, p) % p).to_bytes(32, "little")
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(agreement))
    own = X25519PrivateKey.from_private_bytes(sha512(holder_seed).digest()[:32])
    assert shared == own.exchange(ephemeral.public_key())
    key = hkdf(shared + raw(ephemeral) + agreement, b"VX-PASS-WARN-1")
    tag = hkdf(key, b"tag" + bytes([index]), length=16)
    sealed = xchacha(hkdf(key, b"notice" + bytes([index])), nonce,
                     b"VX-PASS-NOTICE-1\0" + raw(ephemeral) + tag, notice)
    return {"holder_seed": holder_seed.hex(), "holder": public.hex(), "index": index,
            "tag": tag.hex(), "entry": (tag + sealed).hex()}


def main() -> dict:
    venue, authority = party("venue", 1), party("authority", 2)
    master = add(venue["public"], authority["public"])
    payload = b"the payload of a poster"
    k = hkdf(payload, b"venue-key", b"VX-VENUE-1")
    identity = hkdf(k, b"door-id" + u32(HOUR))
    shares = [sign(side["secret"], identity, DOMAIN) for side in (venue, authority)]

    passes = json.load(open("pass.json"))["passes"]
    live = bytes.fromhex(passes[0]["live"]["bytes"])
    cards, contacts = card(), contact()
    times = u32(START + 60) + u32(START + 3600)
    bodies = [("pass", 1, 1, live, 2), ("card", 2, 1, bytes.fromhex(cards["card"]), 0),
              ("contact", 3, 1, bytes.fromhex(contacts["sealed"]), 0), ("pass", 1, 2, live, 0)]
    records = [{"shown": name, "event": event, "from": START + 60, "until": START + 3600,
                "companions": companions, "x": f"{0x11 + at:02x}" * 32,
                "sealed": record(bytes([kind, event]) + times + bytes([companions]) + body, 0x11 + at,
                                 master, identity)}
               for at, (name, kind, event, body, companions) in enumerate(bodies)]

    ephemeral = X25519PrivateKey.from_private_bytes(bytes([0xA1]) * 32)
    notice = (u32(START + 120) + u32(START + 1800) + bytes([1, 2]) + padded("Chợ Đồng Xuân", 54)
              + padded("Gọi 1900 9095.", 117)).ljust(192, b"\0")
    seed = bytes.fromhex(passes[0]["holder_seed"])
    entries = [warning(seed, index, ephemeral, notice, bytes([0xB0 + index]) * 24) for index in (0, 1)]
    # A batch whose decoys are counted, not random: only the format is shown.
    decoys = [sha256(bytes([i])).digest() * 8 for i in range(30)]
    section = (raw(ephemeral) + u16(32) + bytes.fromhex(entries[0]["entry"])
               + b"".join(decoy[:248] for decoy in decoys) + bytes.fromhex(entries[1]["entry"]))
    venue_vectors = json.load(open("venue.json"))
    slot_warning = bytes.fromhex(venue_vectors["warning"]["bytes"])
    body = (text("VN-HN") + u32(START) + u32(START + 86400) + u16(32) + slot_warning * 32)
    warning_key, warning_public = ed25519(4)
    batch = bytes([2]) + body + section
    signed = base64.b64encode(warning_key.sign(b"VX-WARNINGS-2\0" + batch)) + b"\n" + batch
    return {
        "source": "generate_door.py in this folder: py_ecc 8.0.0 and `cryptography`",
        "license": "Apache-2.0",
        "authority": AUTHORITY, "hour": HOUR, "payload": payload.hex(),
        "identity": identity.hex(), "venue_share": g2(shares[0]).hex(),
        "authority_share": g2(shares[1]).hex(),
        "records": records, "card": cards, "card_keys": card_keys(cards), "contact": contacts,
        "warnings": {"ephemeral": raw(ephemeral).hex(), "entries": entries, "from": START + 120,
                     "until": START + 1800, "report_type": 1, "infectiousness": 2,
                     "venue": "Chợ Đồng Xuân", "words": "Gọi 1900 9095."},
        "batch": {"region": "VN-HN", "signing_key": warning_public.hex(),
                  "sha256": sha256(signed).hexdigest(), "section": section.hex(),
                  "signature": signed[:88].decode()},
    }


if __name__ == "__main__":
    print(json.dumps(main(), indent=1, ensure_ascii=False))
