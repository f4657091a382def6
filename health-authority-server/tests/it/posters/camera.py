"""Photographs and reads posters for readers.rs: Pillow, numpy and zxing-cpp.

    camera.py read PICTURE              JSON of what zxing-cpp reads
    camera.py photo PAGE PHOTO SIDE     the page on a wall, seen from the left or the right
    camera.py damage PAGE PICTURE       the page with scratches and a sticker over its code
    camera.py reach CODE                JSON of how small, blurred and slanted a code both readers read
"""

import json
import math
import subprocess
import sys
import tempfile

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

PHOTO = (1200, 1600)


def read(picture):
    # Of all symbologies it would sometimes take a part of a QR code for a short barcode.
    picture = np.asarray(Image.open(picture).convert("L"))
    codes = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    found = []
    for code in codes:
        left, right = code.position.top_left, code.position.top_right
        found.append({"text": code.text, "side": math.hypot(right.x - left.x, right.y - left.y)})
    print(json.dumps(found))


def perspective(corners, size):
    """Coefficients that map the photo's corners to those of a picture of `size`."""
    width, height = size
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, ((0, 0), (width, 0), (width, height), (0, height))):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.linalg.solve(np.array(rows, float), np.array(values, float))


def seen_from(side):
    """The page's corners in the photo: turned by 7 degrees, the far edge 8 % shorter than the near
    one and the upper one 4 % shorter than the lower. zbar gives up at 15 %, zxing-cpp later."""
    width, height = PHOTO
    half = width * 0.4
    tall = half * 297 / 210
    page = [(-half * 0.96, -tall), (half * 0.96, -tall * 0.92), (half, tall * 0.92), (-half, tall)]
    turn = math.radians(-7)
    corners = [(width / 2 + x * math.cos(turn) - y * math.sin(turn),
                height / 2 + x * math.sin(turn) + y * math.cos(turn)) for x, y in page]
    if side == "right":
        corners = [(width - x, y) for x, y in (corners[i] for i in (1, 0, 3, 2))]
    return corners


def photo(page, target, side):
    page = Image.open(page).convert("RGB")
    corners = seen_from(side)
    wall = Image.new("RGB", page.size, (172, 160, 140))
    seen = [picture.transform(PHOTO, Image.Transform.PERSPECTIVE, perspective(corners, page.size),
                              Image.Resampling.BICUBIC)
            for picture in (page, Image.new("L", page.size, 255))]
    shot = wall.resize(PHOTO)
    shot.paste(seen[0], (0, 0), seen[1])
    shot = np.asarray(shot.filter(ImageFilter.GaussianBlur(1.4)), float)
    x, y = np.meshgrid(np.linspace(0, 1, PHOTO[0]), np.linspace(0, 1, PHOTO[1]))
    # A lamp in the upper corner: the opposite one gets two fifths of its light.
    light = 1 - 0.6 * np.clip(np.hypot(x, y) / math.sqrt(2), 0, 1)
    noise = np.random.default_rng(1).normal(0, 9, shot.shape)
    shot = np.clip(shot * light[..., None] + noise, 0, 255)
    Image.fromarray(shot.astype(np.uint8)).save(target)


def damage(page, target):
    page = Image.open(page).convert("RGB")
    width, height = page.size
    pen = ImageDraw.Draw(page)
    # Scratches down to the paper, a stroke of a marker, a sticker in the middle of the right half.
    pen.line([(width * 0.2, height * 0.38), (width * 0.8, height * 0.55)], "white", width // 120)
    pen.line([(width * 0.3, height * 0.7), (width * 0.75, height * 0.33)], "white", width // 120)
    pen.line([(width * 0.2, height * 0.6), (width * 0.8, height * 0.63)], (20, 20, 90), width // 140)
    pen.ellipse([width * 0.6, height * 0.45, width * 0.7, height * 0.52], (230, 60, 60))
    page.save(target)


def is_read(picture, reader):
    """Whether a reader finds the one code in the picture."""
    if reader == "zxing-cpp":
        return len(zxingcpp.read_barcodes(np.asarray(picture))) == 1
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        picture.save(file.name)
        command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file.name]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def seen(code, side, blur, slant):
    """The code `side` pixels wide on a grey wall, its right edge shorter by `slant` percent."""
    small = code.resize((side, side), Image.Resampling.LANCZOS)
    cut = side * slant / 200
    size = (side + 80, side + 80)
    corners = [(40, 40), (40 + side, 40 + cut), (40 + side, 40 + side - cut), (40, 40 + side)]
    shot = Image.new("L", size, 170)
    shot.paste(small.transform(size, Image.Transform.PERSPECTIVE, perspective(corners, small.size),
                               Image.Resampling.BICUBIC, fillcolor=170))
    shot = np.asarray(shot.filter(ImageFilter.GaussianBlur(blur)), float)
    noise = np.random.default_rng(2).normal(0, 6, shot.shape)
    return Image.fromarray(np.clip(shot + noise, 0, 255).astype(np.uint8))


def reach(code):
    """The last of each row that is read, with all before it."""
    code = Image.open(code).convert("L")
    found = {}
    for reader in ("zxing-cpp", "zbar"):
        rows = {
            "side": [(side, 0.8, 0) for side in range(400, 120, -20)],
            "blur": [(700, blur / 10, 0) for blur in range(20, 60, 3)],
            "slant": [(700, 0.8, slant) for slant in range(0, 60, 6)],
        }
        for place, (row, shots) in enumerate(rows.items()):
            last = None
            for shot in shots:
                if not is_read(seen(code, *shot), reader):
                    break
                last = shot[place]
            found[f"{reader} {row}"] = last
    print(json.dumps(found))


if __name__ == "__main__":
    {"read": read, "photo": photo, "damage": damage, "reach": reach}[sys.argv[1]](*sys.argv[2:])
