#!/usr/bin/env bash
# Makes noble/ and qr/ anew from the packages of the npm registry, checked against SHA256SUMS. The
# one change: imports by package name become relative, so that browsers need no import map.
set -euo pipefail
cd "$(dirname "$0")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
here="$PWD"
for package in @noble/curves@2.4.0 @noble/hashes@2.4.0 @noble/ciphers@2.4.0 qr@0.7.0; do
    (cd "$work" && npm pack --silent "$package" >/dev/null)
done
(cd "$work" && sha256sum --check --quiet "$here/SHA256SUMS")
rm -rf noble qr
mkdir -p noble/curves/abstract noble/hashes noble/ciphers qr
for name in curves hashes ciphers; do
    mkdir "$work/$name"
    tar -xzf "$work/noble-$name-2.4.0.tgz" -C "$work/$name" --strip-components 1
    cp "$work/$name/LICENSE" "noble/$name/"
done
mkdir "$work/qr"
tar -xzf "$work/qr-0.7.0.tgz" -C "$work/qr" --strip-components 1
cp "$work"/qr/{index,decode}.js qr/
cp "$work/qr/LICENSE-MIT" qr/LICENSE
cp "$work"/curves/{bls12-381,ed25519,utils}.js noble/curves/
cp "$work"/curves/abstract/{bls,curve,der,edwards,fft,frost,hash-to-curve,modular,montgomery,oprf,tower,weierstrass}.js noble/curves/abstract/
cp "$work"/hashes/{argon2,_blake,blake2,sha2,_md,_u64,hmac,hkdf,utils}.js noble/hashes/
cp "$work"/ciphers/{chacha,_arx,_poly1305,utils}.js noble/ciphers/
sed -i -E "s#^(import .*from |export .*from )'@noble/hashes/#\1'../hashes/#" noble/curves/*.js
sed -i -E "s#^(import .*from |export .*from )'@noble/hashes/#\1'../../hashes/#" noble/curves/abstract/*.js
