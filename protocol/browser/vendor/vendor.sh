#!/usr/bin/env bash
# Makes noble/ anew from the packages of the npm registry, checked against SHA256SUMS. The one
# change: imports by package name become relative, so that browsers need no import map.
set -euo pipefail
cd "$(dirname "$0")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
here="$PWD"
for name in curves hashes ciphers; do
    (cd "$work" && npm pack --silent "@noble/$name@2.4.0" >/dev/null && mkdir "$name")
done
(cd "$work" && sha256sum --check --quiet "$here/SHA256SUMS")
rm -rf noble
mkdir -p noble/curves/abstract noble/hashes noble/ciphers
for name in curves hashes ciphers; do
    tar -xzf "$work/noble-$name-2.4.0.tgz" -C "$work/$name" --strip-components 1
    cp "$work/$name/LICENSE" "noble/$name/"
done
cp "$work"/curves/{bls12-381,utils}.js noble/curves/
cp "$work"/curves/abstract/{bls,curve,der,hash-to-curve,modular,tower,weierstrass}.js noble/curves/abstract/
cp "$work"/hashes/{sha2,_md,_u64,hmac,hkdf,utils}.js noble/hashes/
cp "$work"/ciphers/{chacha,_arx,_poly1305,utils}.js noble/ciphers/
sed -i -E "s#^(import .*from |export .*from )'@noble/hashes/#\1'../hashes/#" noble/curves/*.js
sed -i -E "s#^(import .*from |export .*from )'@noble/hashes/#\1'../../hashes/#" noble/curves/abstract/*.js
