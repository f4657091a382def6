"""Puts the pictures of pages on contact sheets: `contact_sheets.py FOLDER OUTPUT [WORD...]` takes the
pictures in FOLDER whose names hold all words, each scaled to a column, and writes OUTPUT-1.png and so on.
The longest come first; shorter ones fill what they leave. Needs Pillow."""

import sys
from pathlib import Path

from PIL import Image, ImageDraw

SHEET = (2000, 1520)
LABEL = 16
GAP = 4


def main(folder, output, words):
    files = sorted(f for f in Path(folder).glob("*.png") if all(w in f.stem for w in words))
    column = 640 if any("desk" in word for word in words) else 330
    pictures = [(file.stem, scaled(file, column)) for file in files]
    pictures.sort(key=lambda named: -named[1].height)
    columns = []
    for name, picture in pictures:
        needed = LABEL + picture.height + GAP
        free = next((each for each in columns if each["free"] >= needed), None)
        if free is None:
            free = {"free": SHEET[1] + GAP, "pictures": []}
            columns.append(free)
        free["free"] -= needed
        free["pictures"].append((name, picture))
    on_a_sheet = (SHEET[0] + GAP) // (column + GAP)
    for number, start in enumerate(range(0, len(columns), on_a_sheet), 1):
        sheet = Image.new("RGB", SHEET, "#888")
        for index, each in enumerate(columns[start:start + on_a_sheet]):
            x, y = index * (column + GAP), 0
            for name, picture in each["pictures"]:
                ImageDraw.Draw(sheet).text((x + 2, y + 2), name, fill="white")
                sheet.paste(picture, (x, y + LABEL))
                y += LABEL + picture.height + GAP
        sheet.save(f"{output}-{number}.png")


def scaled(file, column):
    picture = Image.open(file).convert("RGB")
    height = round(picture.height * column / picture.width)
    return picture.resize((column, height)).crop((0, 0, column, min(height, SHEET[1] - LABEL)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
