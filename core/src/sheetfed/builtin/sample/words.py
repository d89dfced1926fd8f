"""The sentences on the sample scanner's sheets."""

from __future__ import annotations

LETTER = """\
Dear reader,

the page in front of you came out of a scanner that does not exist. It has a glass, a feeder
that takes paper on both sides, and a stack of sheets that never runs out for long. You can use
it to try everything here before the real machine arrives.

The sheets are not quite straight, and no part of the paper is perfectly white. That is on
purpose. Real paper slips a little between the rollers, and a real lamp flickers, so whatever
straightens, cleans or reads pages should be tried on pages that need it.

Behind this letter you find an invoice with two barcodes, a picture, a form that somebody filled
in by hand, and a report with a chart. Scanned on both sides, some of the backs turn out to be
blank, as they do in any office.

When you feel at home, ask the scanner to misbehave. Among its advanced settings it offers a
paper jam, an open cover, two sheets at once and a good deal more. Nothing that was scanned
before is lost, and you may take our word for it or see for yourself.

With kind regards
"""

TERMS = """\
Prices include delivery within the valley. Beyond the last bridge the carrier decides, and the
carrier is usually right.

Goods remain the property of the seller until they are paid in full, with the exception of
pencils, which nobody has ever seen again.

Complaints reach us best in writing, on paper, face down, with the top edge first.

If one of these terms turns out to be void, the others stand a little closer together and go on.
"""

CAPTION = """\
Whoever walks up early enough has the shore alone. The water is still then, and the hills stand
on their heads in it until the first boat comes.

The patches below are for the scanner rather than the reader: twelve greys that should stay
apart, and twelve colours that should look like the ones on the paper.
"""

REPORT = """\
The first half of the year was busier than the one before it. Most of the growth came from
letters, which many had believed to be a thing of the past.

The feeder was opened eleven times, and nine of these times there was nothing to see. The other
two were a paper clip and a photograph of a dog.
"""
