#!/usr/bin/env python3
"""Computes metadata-tag.json, independently of the Rust code.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install cryptography
    /tmp/venv/bin/python generate.py > metadata-tag.json

Only the Python package `cryptography` (HKDF, AES) and the standard library (HMAC) are used.
"""

import hashlib
import hmac
import json

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# The key of the GAEN v1.2 vector, and two made up here.
KEYS = [
    ("75c734c6dd1a782de7a965da5eb93125", 2642976, 144),
    ("000102030405060708090a0b0c0d0e0f", 2973600, 36),
    ("ffffffffffffffffffffffffffffffff", 1, 1),
]
# Confidence (0 lowest .. 3 high) and transmit power in dBm.
CLAIMS = [(0, 8), (3, -17), (1, 0), (2, 20), (3, -50)]


def derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=16, salt=None, info=info).derive(key)


def identifier(key: bytes, interval: int) -> bytes:
    block = b"EN-RPI" + bytes(6) + interval.to_bytes(4, "little")
    return Cipher(algorithms.AES(derive(key, b"EN-RPIK")), modes.ECB()).encryptor().update(block)


def metadata(key: bytes, rpi: bytes, confidence: int, power: int) -> tuple[bytes, bytes]:
    claim = bytes([0x40 | confidence << 2, power & 0xFF])
    tag = hmac.new(derive(key, b"VX-METADATA"), rpi + claim, hashlib.sha256).digest()[:2]
    encryptor = Cipher(algorithms.AES(derive(key, b"EN-AEMK")), modes.CTR(rpi)).encryptor()
    return claim + tag, encryptor.update(claim + tag)


def cases():
    for number, (key_hex, start, period) in enumerate(KEYS):
        key = bytes.fromhex(key_hex)
        for offset in {0, period // 2, period - 1}:
            confidence, power = CLAIMS[(number + offset) % len(CLAIMS)]
            rpi = identifier(key, start + offset)
            plain, encrypted = metadata(key, rpi, confidence, power)
            yield {
                "key": key_hex,
                "interval": start + offset,
                "confidence": confidence,
                "tx_power": power,
                "tag_key": derive(key, b"VX-METADATA").hex(),
                "identifier": rpi.hex(),
                "metadata": plain.hex(),
                "encrypted": encrypted.hex(),
                "advertisement": (bytes.fromhex("02011a03036ffd17166ffd") + rpi + encrypted).hex(),
            }


if __name__ == "__main__":
    document = {
        "source": "generate.py in this folder: Python `cryptography` and hmac",
        "license": "Apache-2.0",
        "cases": sorted(cases(), key=lambda case: (case["key"], case["interval"])),
    }
    print(json.dumps(document, indent=1))
