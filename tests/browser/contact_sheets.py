"""Puts the pictures of pages on contact sheets: `contact_sheets.py FOLDER OUTPUT [WORD...]` takes the
pictures in FOLDER whose names hold all words, each scaled to a column, and writes OUTPUT-1.png and so on.
Needs Pillow."""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

SHEET = (2000, 1500)
LABEL = 16


def main(folder, output, words):
    files = sorted(f for f in Path(folder).glob("*.png") if all(w in f.stem for w in words))
    column = 640 if any("desk" in word for word in words) else 330
    sheet, number, x, y = None, 0, 0, 0
    for file in files:
        picture = Image.open(file).convert("RGB")
        height = round(picture.height * column / picture.width)
        picture = picture.resize((column, height)).crop((0, 0, column, min(height, SHEET[1] - LABEL)))
        if sheet is None or x + column > SHEET[0]:
            if sheet:
                sheet.save(f"{output}-{number}.png")
            sheet, number, x, y = Image.new("RGB", SHEET, "#888"), number + 1, 0, 0
        if y + LABEL + picture.height > SHEET[1]:
            x, y = x + column + 4, 0
            if x + column > SHEET[0]:
                sheet.save(f"{output}-{number}.png")
                sheet, number, x = Image.new("RGB", SHEET, "#888"), number + 1, 0
        ImageDraw.Draw(sheet).text((x + 2, y + 2), file.stem, fill="white")
        sheet.paste(picture, (x, y + LABEL))
        y += LABEL + picture.height + 4
    if sheet:
        sheet.save(f"{output}-{number}.png")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
