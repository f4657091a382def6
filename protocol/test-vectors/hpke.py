"""HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, one
message, put together from the primitives of `cryptography`. For the generators of test vectors."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEM = b"KEM" + (0x20).to_bytes(2, "big")
SUITE = b"HPKE" + b"".join(n.to_bytes(2, "big") for n in (0x20, 1, 3))


def extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    mac = HMAC(salt or bytes(32), SHA256())
    mac.update(b"HPKE-v1" + suite + label + ikm)
    return mac.finalize()


def expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return HKDFExpand(algorithm=SHA256(), length=length, info=labelled).derive(key)


def raw(key: X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def derive_key_pair(ikm: bytes) -> X25519PrivateKey:
    secret = expand(KEM, extract(KEM, b"", b"dkp_prk", ikm), b"sk", b"", 32)
    return X25519PrivateKey.from_private_bytes(secret)


def seal(public: bytes, info: bytes, aad: bytes, plain: bytes, ikm: bytes) -> bytes:
    """Ephemeral key || ciphertext || tag, the ephemeral key being that of `ikm`."""
    ephemeral = derive_key_pair(ikm)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
    prk = extract(KEM, b"", b"eae_prk", shared)
    secret = expand(KEM, prk, b"shared_secret", raw(ephemeral) + public, 32)
    context = (b"\0" + extract(SUITE, b"", b"psk_id_hash", b"")
               + extract(SUITE, b"", b"info_hash", info))
    key_schedule = extract(SUITE, secret, b"secret", b"")
    key = expand(SUITE, key_schedule, b"key", context, 32)
    nonce = expand(SUITE, key_schedule, b"base_nonce", context, 12)
    return raw(ephemeral) + ChaCha20Poly1305(key).encrypt(nonce, plain, aad)
