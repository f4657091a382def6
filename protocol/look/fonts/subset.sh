#!/usr/bin/env bash
# Makes the fonts of pages from those of posters: the letters of Vietnamese and English, and what
# stands between them. Needs fonttools 4.60.1 and brotli 1.1.0 (PyPI).
set -euo pipefail
cd "$(dirname "$0")"
letters=U+0020-007E,U+00A0-00FF,U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1
letters+=,U+01AF-01B0,U+0300-0301,U+0303,U+0309,U+0323,U+1EA0-1EF9
marks=U+2013-2014,U+2018-201A,U+201C-201E,U+2022,U+2026,U+2032-2033,U+2039-203A,U+20AB,U+2212
for weight in Regular Bold; do
    pyftsubset "../../../health-authority-server/assets/fonts/BeVietnamPro-$weight.ttf" \
        --unicodes="$letters,$marks" --flavor=woff2 --no-hinting --layout-features=kern \
        --output-file="BeVietnamPro-$weight.woff2"
done
