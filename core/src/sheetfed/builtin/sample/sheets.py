"""What is printed on the sample scanner's sheets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sheetfed.api.model import Side
from sheetfed.builtin.sample.canvas import FAINT, INK, RULE, Canvas, Colour, Point
from sheetfed.builtin.sample.landscape import landscape
from sheetfed.builtin.sample.symbols import code128, qr
from sheetfed.builtin.sample.words import CAPTION, LETTER, REPORT, TERMS

PINE: Colour = (30, 84, 74)
PALE: Colour = (233, 241, 237)
AMBER: Colour = (214, 138, 44)
PEN: Colour = (36, 56, 150)

LEFT, RIGHT = 25.0, 185.0
MONTHS = ("January", "February", "March", "April", "May", "June")

ITEMS = (
    ("Paper, 80 g, cream", 12, 445),
    ("Envelopes with window", 4, 1290),
    ("Fountain pen ink, blue", 3, 780),
    ("Brass paper clips, box", 6, 325),
    ("Wooden letter tray", 2, 2950),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One side of paper: its number in the stack, and which side it is."""

    number: int
    side: Side = "front"


def invoice_number(number: int) -> str:
    """Return what the Code 128 on an invoice says."""
    return f"INV-2025-{number:04d}"


def invoice_url(number: int) -> str:
    """Return what the QR code on an invoice says."""
    return f"https://example.com/{invoice_number(number)}"


def draw(sheet: Sheet, canvas: Canvas) -> None:
    """Draw a side of a sheet; five fronts take turns, and so do their backs."""
    sides = FRONTS if sheet.side != "back" else BACKS
    sides[(sheet.number - 1) % len(sides)](canvas, sheet.number)


def _letter(canvas: Canvas, number: int) -> None:
    _letterhead(canvas)
    canvas.text((LEFT, 50), "Larch & Lantern, 4 Mill Lane, Elmford", size=6.5, colour=FAINT)
    for line, text in enumerate(("To whoever tries this", "1 Desk by the Window", "Here")):
        canvas.text((LEFT, 58 + line * 5.4), text)
    canvas.text((RIGHT, 82), "Elmford, 3 March 2025", anchor="rs")
    canvas.text((LEFT, 96), "Your new scanner, which is not there", size=12, bold=True)
    top = 108.0
    for text in LETTER.split("\n\n"):
        top = canvas.paragraph((LEFT, top), text, width=RIGHT - LEFT) + 2.6
    canvas.stroke(_signature((LEFT + 1, top + 5)), colour=PEN, width=0.45)
    canvas.text((LEFT, top + 17), "Wren Alder", colour=INK)
    canvas.text((LEFT, top + 22), "Larch & Lantern", size=8.5, colour=FAINT)
    _footer(canvas, number)


def _invoice(canvas: Canvas, number: int) -> None:
    _letterhead(canvas)
    canvas.text((LEFT, 56), "Invoice", size=24, bold=True, colour=PINE)
    facts = (
        ("Number", invoice_number(number)),
        ("Date", "28 March 2025"),
        ("Due", "27 April 2025"),
    )
    for line, (name, value) in enumerate(facts):
        canvas.text((LEFT, 68 + line * 6), name, size=9, colour=FAINT)
        canvas.text((LEFT + 22, 68 + line * 6), value, size=9.5)
    canvas.symbol((150, 44), qr(invoice_url(number)), size=(35, 35))
    top = _items(canvas, 100, number)
    bars = [code128(invoice_number(number))]
    canvas.symbol((LEFT, top + 16), bars, size=(86, 15))
    canvas.text((LEFT, top + 35.5), invoice_number(number), size=8.5)
    canvas.text((LEFT, top + 50), "Thank you. Please give the number with your payment.", size=9.5)
    _footer(canvas, number)


def _items(canvas: Canvas, top: float, number: int) -> float:
    canvas.box((LEFT, top), RIGHT - LEFT, 9, fill=PINE)
    columns = ((LEFT + 3, "ls"), (118, "rs"), (148, "rs"), (RIGHT - 3, "rs"))
    heads = ("Item", "Quantity", "Price", "Amount")
    _row(canvas, top + 6.2, columns, heads, colour=(250, 250, 246), bold=True)
    total = 0
    for line, (name, usual, price) in enumerate(ITEMS):
        count = usual + number % 3
        total += count * price
        base = top + 17 + line * 9.5
        if line % 2:
            canvas.box((LEFT, base - 6.2), RIGHT - LEFT, 9.5, fill=PALE)
        _row(canvas, base, columns, (name, str(count), _money(price), _money(count * price)))
    base = top + 21 + len(ITEMS) * 9.5
    canvas.line([(110, base - 7), (RIGHT, base - 7)], colour=PINE, stroke=0.5)
    sums = (("Sum", total), ("Tax 20 %", total // 5), ("To pay", total + total // 5))
    for line, (name, amount) in enumerate(sums):
        last = line == len(sums) - 1
        canvas.text((112, base + line * 7), name, bold=last)
        canvas.text((RIGHT - 3, base + line * 7), _money(amount), anchor="rs", bold=last)
    return base + 2 * 7


def _row(
    canvas: Canvas,
    base: float,
    columns: Sequence[tuple[float, str]],
    words: Sequence[str],
    *,
    colour: Colour = INK,
    bold: bool = False,
) -> None:
    for (left, anchor), word in zip(columns, words, strict=True):
        canvas.text((left, base), word, size=9.5, anchor=anchor, colour=colour, bold=bold)


def _photograph(canvas: Canvas, number: int) -> None:
    canvas.picture((LEFT, 32), landscape(number), size=(160, 106.7))
    canvas.box((LEFT, 32), 160, 106.7, outline=INK)
    canvas.text((LEFT, 147), f"Lake Elm from the north shore, plate {number}", size=9, colour=FAINT)
    canvas.text((LEFT, 168), "Evening on the lake", size=18, bold=True, colour=PINE)
    top = 180.0
    for text in CAPTION.split("\n\n"):
        top = canvas.paragraph((LEFT, top), text, width=RIGHT - LEFT) + 2.6
    width = 160 / 12
    for place in range(12):  # a wedge of greys and one of colours, to judge a scanner by
        grey = 20 + place * 20
        canvas.box((LEFT + place * width, top + 4), width, 8, fill=(grey, grey, grey))
        canvas.box((LEFT + place * width, top + 12), width, 8, fill=_hue(place / 12))
    _footer(canvas, number)


def _form(canvas: Canvas, number: int) -> None:
    canvas.box((LEFT, 24), RIGHT - LEFT, 16, fill=PINE, radius=1.5)
    canvas.text((LEFT + 6, 34.5), "Registration of a visitor", size=16, colour=(250, 250, 246))
    canvas.text(
        (RIGHT - 5, 34), f"Form V-{number:03d}", size=9, colour=(215, 230, 224), anchor="rs"
    )
    fields = (
        ("Family name", "Alder", 0, 78), ("Given name", "Wren", 82, 78),
        ("Street and number", "4 Mill Lane", 0, 110), ("Postal code", "40 217", 114, 46),
        ("Town", "Elmford", 0, 78), ("Telephone", "0555 0142 88", 82, 78),
    )  # fmt: skip
    for place, (label, value, left, width) in enumerate(fields):
        top = 54 + place // 2 * 19
        canvas.text((LEFT + left, top), label, size=7.5, colour=FAINT)
        canvas.box((LEFT + left, top + 1.6), width, 10, outline=INK)
        canvas.text((LEFT + left + 3, top + 9), value, size=13, colour=PEN)
    canvas.text((LEFT, 117), "Reason of the visit", size=10.5, bold=True)
    reasons = ("Delivery", "Repair of the scanner", "A meeting", "Just looking")
    for line, reason in enumerate(reasons):
        high = 123 + line * 8.5
        canvas.box((LEFT, high), 4.5, 4.5, outline=INK)
        canvas.text((LEFT + 8, high + 3.9), reason)
        if line in (1, 3):
            canvas.line(
                [(LEFT + 0.5, high + 2.2), (LEFT + 2, high + 4), (LEFT + 5.6, high - 1.5)],
                colour=PEN,
                stroke=0.55,
            )
    canvas.text((LEFT, 168), "Number in block figures", size=7.5, colour=FAINT)
    for place, figure in enumerate(f"{70412 + number:08d}"):
        canvas.box((LEFT + place * 8, 170), 7, 9, outline=AMBER)
        canvas.text((LEFT + place * 8 + 3.5, 177), figure, size=14, colour=PEN, anchor="ms")
    canvas.line([(LEFT, 208), (LEFT + 70, 208)], stroke=0.25)
    canvas.stroke(_signature((LEFT + 6, 201)), colour=PEN, width=0.45)
    canvas.text((LEFT, 212.5), "Signature", size=7.5, colour=FAINT)
    canvas.line([(115, 208), (RIGHT, 208)], stroke=0.25)
    canvas.text((120, 205.5), "3 April 2025", size=13, colour=PEN)
    canvas.text((115, 212.5), "Date", size=7.5, colour=FAINT)
    _footer(canvas, number)


def _report(canvas: Canvas, number: int) -> None:
    canvas.text((LEFT, 34), "Half a year of paper", size=22, bold=True, colour=PINE)
    canvas.text((LEFT, 41), f"Report {number}, January to June 2025", size=9.5, colour=FAINT)
    for place, text in enumerate(REPORT.split("\n\n")):
        canvas.paragraph((LEFT + place * 83, 54), text, width=77, size=9.5)
    counts = [320 + 37 * ((number + month * 3) % 7) + month * 45 for month in range(len(MONTHS))]
    _chart(canvas, counts, top=98)
    columns = ((LEFT + 3, "ls"), (90, "rs"), (128, "rs"), (RIGHT - 3, "rs"))
    head = 200.0
    canvas.box((LEFT, head - 6.2), RIGHT - LEFT, 9, fill=PALE)
    _row(canvas, head, columns, ("Month", "Letters", "Invoices", "Pages"), bold=True)
    for line, (month, count) in enumerate(zip(MONTHS, counts, strict=True), start=1):
        words = (month, str(count // 2), str(count // 3), str(count))
        base = head + line * 7.6
        _row(canvas, base, columns, words)
        canvas.line([(LEFT, base + 2.4), (RIGHT, base + 2.4)], colour=RULE)
    _footer(canvas, number)


def _chart(canvas: Canvas, counts: Sequence[int], *, top: float) -> None:
    height, floor = 80.0, top + 84
    for level in range(0, 801, 200):
        y = floor - level / 800 * height
        canvas.line([(LEFT + 12, y), (RIGHT, y)], colour=RULE)
        canvas.text((LEFT + 9, y + 1.2), str(level), size=8, colour=FAINT, anchor="rs")
    for place, (month, count) in enumerate(zip(MONTHS, counts, strict=True)):
        left, tall = LEFT + 17 + place * 24.5, count / 800 * height
        canvas.box((left, floor - tall), 15, tall, fill=AMBER if count == max(counts) else PINE)
        canvas.text((left + 7.5, floor - tall - 1.6), str(count), size=8, anchor="ms")
        canvas.text((left + 7.5, floor + 5), month[:3], size=8.5, colour=FAINT, anchor="ms")


def _blank(canvas: Canvas, number: int) -> None:
    """Leave the side as it is: a blank back."""


def _terms(canvas: Canvas, number: int) -> None:
    canvas.text((LEFT, 36), "Terms of sale", size=14, bold=True, colour=PINE)
    top = 48.0
    for place, text in enumerate(TERMS.split("\n\n"), start=1):
        canvas.text((LEFT, top), f"{place}.", size=9)
        top = canvas.paragraph((LEFT + 7, top), text, width=150, size=9) + 2.5
    _footer(canvas, number)


def _notes(canvas: Canvas, number: int) -> None:
    canvas.text((LEFT, 32), "Notes", size=11, bold=True, colour=FAINT)
    for line in range(22):
        canvas.line([(LEFT, 42 + line * 9), (RIGHT, 42 + line * 9)], colour=RULE)
    canvas.text((LEFT + 4, 49), "visitor found the scanner in good health", size=13, colour=PEN)
    canvas.text((LEFT + 4, 58), "left again at half past four", size=13, colour=PEN)
    _footer(canvas, number)


def _letterhead(canvas: Canvas) -> None:
    canvas.disc((LEFT + 7, 25), 7, fill=PINE)
    canvas.line([(LEFT + 7, 20.5), (LEFT + 7, 30)], colour=(250, 250, 246), stroke=0.8)
    for tier in range(3):
        low, half = 24.4 + tier * 2.4, 1.7 + tier * 0.9
        points = [(LEFT + 7 - half, low), (LEFT + 7, low - 2.3), (LEFT + 7 + half, low)]
        canvas.line(points, colour=(250, 250, 246), stroke=0.8)
    canvas.text((LEFT + 18, 25), "Larch & Lantern", size=17, bold=True, colour=PINE)
    canvas.text((LEFT + 18, 30.5), "Stationers since last week", size=8.5, colour=FAINT)
    for line, text in enumerate(("4 Mill Lane", "Elmford", "post@example.com")):
        canvas.text((RIGHT, 22 + line * 4.4), text, size=8.5, colour=FAINT, anchor="rs")
    canvas.line([(LEFT, 37), (RIGHT, 37)], colour=PINE, stroke=0.5)


def _footer(canvas: Canvas, number: int) -> None:
    low = canvas.height - 14
    canvas.line([(LEFT, low - 5), (RIGHT, low - 5)], colour=RULE)
    canvas.text((LEFT, low), "Larch & Lantern, Elmford", size=8, colour=FAINT)
    canvas.text((RIGHT, low), f"Sheet {number}", size=8, colour=FAINT, anchor="rs")


def _signature(start: Point) -> Callable[[float], Point]:
    left, top = start

    def pen(share: float) -> Point:
        turn = share * math.tau * 4.5
        tall = 4.2 * math.exp(-2.2 * share) + 0.9
        return left + share * 36 + 2.6 * math.sin(turn), top + tall * math.cos(turn * 1.02 + 0.6)

    return pen


def _hue(share: float) -> Colour:
    red, green, blue = (
        round(127 + 100 * math.cos(math.tau * (share - third / 3))) for third in range(3)
    )
    return red, green, blue


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


FRONTS = (_letter, _invoice, _photograph, _form, _report)
BACKS = (_blank, _terms, _blank, _notes, _blank)
