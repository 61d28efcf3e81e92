"""The icon of Pianola, some keys of a piano: drawn here, as SVG and as PNG."""

import struct
import zlib
from urllib.parse import quote

SIDE = 32
"""The drawing is so many units wide and high."""
GROUND, WHITE, BLACK = "#732f28", "#fbf6ec", "#221a17"
KEYS = (
    (WHITE, 6, 7, 6, 18),
    (WHITE, 13, 7, 6, 18),
    (WHITE, 20, 7, 6, 18),
    (BLACK, 10, 7, 5, 10),
    (BLACK, 17, 7, 5, 10),
)
"""Rectangles, a later one above an earlier one: colour, left, top, width, height."""


def svg() -> str:
    """Return the icon as SVG, with round corners."""
    keys = "".join(
        f"<rect x='{left}' y='{top}' width='{width}' height='{height}' fill='{colour}'/>"
        for colour, left, top, width, height in KEYS
    )
    ground = f"<rect width='{SIDE}' height='{SIDE}' rx='7' fill='{GROUND}'/>"
    return f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {SIDE} {SIDE}'>{ground}{keys}</svg>"


def data_address() -> str:
    """Return the icon as an address that holds it."""
    return "data:image/svg+xml," + quote(svg(), safe=" '=:/")


def png(pixels: int) -> bytes:
    """Return the icon as PNG, so many pixels wide and high, without round corners: systems cut their own shape."""
    rows = [bytearray(_rgb(GROUND) * pixels) for _ in range(pixels)]
    for colour, left, top, width, height in KEYS:
        begin, end = (round(edge * pixels / SIDE) for edge in (left, left + width))
        for y in range(round(top * pixels / SIDE), round((top + height) * pixels / SIDE)):
            rows[y][3 * begin : 3 * end] = _rgb(colour) * (end - begin)
    header = struct.pack(">IIBBBBB", pixels, pixels, 8, 2, 0, 0, 0)  # 8 bits of red, green and blue
    content = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", content) + _chunk(b"IEND", b"")


def _rgb(colour: str) -> bytes:
    return bytes.fromhex(colour[1:])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
