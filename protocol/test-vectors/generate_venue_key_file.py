#!/usr/bin/env python3
"""Computes venue-key-file.json, independently of the Rust and the JavaScript code.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install argon2-cffi==25.1.0 pynacl==1.6.2
    /tmp/venv/bin/python generate_venue_key_file.py > venue-key-file.json

Argon2id is libargon2's, XChaCha20-Poly1305 libsodium's. The key is the venue's of venue.json.
"""

import json
import unicodedata
from hashlib import sha256
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PARTY = json.loads((Path(__file__).parent / "venue.json").read_text())["parties"][0]


def recovery_code(secret: bytes) -> str:
    checked = secret + sha256(b"VX-VENUE-RECOVERY-1\0" + secret).digest()[:4]
    bits = "".join(f"{byte:08b}" for byte in checked) + "00"
    code = "".join(ALPHABET[int(bits[i:i + 5], 2)] for i in range(0, len(bits), 5))
    return "-".join(code[i:i + 4] for i in range(0, len(code), 4))


def alpha_times(value: int, times: int) -> int:
    """Multiplied by alpha as often, in GF(32) with alpha^5 = alpha^2 + 1."""
    for _ in range(times):
        value = value << 1 ^ (0x25 if value & 16 else 0)
    return value


def recovery_blocks(secret: bytes) -> str:
    """14 blocks of four characters and a fifth that checks them and their place."""
    checked = secret + sha256(b"VX-VENUE-RECOVERY-2\0" + secret).digest()[:3]
    bits = "".join(f"{byte:08b}" for byte in checked)
    values = [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    blocks = []
    for place in range(1, 15):
        data = values[4 * (place - 1):4 * place]
        check = alpha_times(place, 5)
        for times, value in enumerate(data, start=1):
            check ^= alpha_times(value, times)
        blocks.append("".join(ALPHABET[value] for value in [*data, check]))
    return "-".join(blocks)


def key_file(passphrase: str, memory_kib: int, passes: int) -> dict:
    secret, public = bytes.fromhex(PARTY["secret"]), bytes.fromhex(PARTY["public"])
    salt, nonce = bytes(range(16)), bytes(range(24))
    key = hash_secret_raw(unicodedata.normalize("NFC", passphrase).encode(), salt, passes,
                          memory_kib, 1, 32, Type.ID)
    context = public + memory_kib.to_bytes(4, "big") + passes.to_bytes(4, "big") + salt
    sealed = nonce + encrypt(secret, b"VX-VENUE-KEYFILE-1\0" + context, nonce, key)
    return {"format": "VX-VENUE-KEY-FILE-1", "public_key": public.hex(),
            "kdf": {"algorithm": "argon2id", "memory_kib": memory_kib, "passes": passes,
                    "salt": salt.hex()},
            "sealed": sealed.hex()}


def main() -> dict:
    passphrase = "Phở gà, bún chả, chả cá"
    return {
        "source": "generate_venue_key_file.py in this folder: argon2-cffi 25.1 and PyNaCl",
        "license": "Apache-2.0",
        "secret": PARTY["secret"],
        "recovery_code": recovery_code(bytes.fromhex(PARTY["secret"])),
        "recovery_blocks": recovery_blocks(bytes.fromhex(PARTY["secret"])),
        "passphrase": passphrase,
        "passphrase_decomposed": unicodedata.normalize("NFD", passphrase),
        "file": key_file(passphrase, 256, 2),
    }


if __name__ == "__main__":
    print(json.dumps(main(), indent=1, ensure_ascii=False))
