"""What every edit must prove."""

from __future__ import annotations

import asyncio
import io
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from sheetfed.api.contracts import Edit, Transform
from sheetfed.api.errors import SheetfedError
from sheetfed.api.hooks import EditSpec
from sheetfed.api.model import Page, PageInfo, Settings
from sheetfed.api.options import misfit
from sheetfed.testing.factory import make
from sheetfed.testing.options import check_options
from sheetfed.worker.files import Held
from sheetfed.worker.parent import Worker
from sheetfed.worker.wire import Deed, Measured, Recipe, Sheet, Tool, Wanted

CODEC = "sheetfed.builtin.formats.codec:Images"
MODES = ("1", "L", "I;16", "RGB")
DPI = (100.0, 100.0)
SIZE = (360, 480)
DOTS = ((90, 120), (270, 120), (180, 240), (90, 360), (270, 360))
"""Where dots are planted, to be found again where the transform says."""

RADIUS = 9


class EditContract:
    """Inherit it, and override `spec`, and `settings` with what shows what the edit does.

    `keeps_dots` is false for one that paints over whatever is there.
    """

    @pytest.fixture
    def spec(self) -> EditSpec:
        """Return what the hook offers."""
        raise NotImplementedError("override the fixture `spec`")

    @pytest.fixture
    def settings(self) -> Settings:
        """Return options that differ from the defaults."""
        return {}

    @pytest.fixture
    def keeps_dots(self) -> bool:
        """Whether dots on the page can still be seen after the edit."""
        return True

    @pytest.fixture
    def tolerance(self) -> float:
        """Return how many of 255 levels two scales may differ by on average."""
        return 12.0

    @pytest.fixture
    def defaults(self, spec: EditSpec) -> Settings:
        """Return every option with its default."""
        return {option.name: option.default for option in spec.options}

    @pytest.fixture
    def edit(self, spec: EditSpec, defaults: Settings, settings: Settings) -> Edit:
        """Return the edit as a page has it: what it looks for is found."""
        return _found(spec, {**defaults, **settings}, sheet("RGB"), 1.0)

    def test_its_options_can_be_drawn(self, spec: EditSpec, settings: Settings) -> None:
        """A form is made of them, and the settings of this test fit into it."""
        check_options(spec.options)
        known = {option.name: option for option in spec.options}
        for name, value in settings.items():
            assert name in known, f"there is no option {name!r}"
            assert not misfit(known[name], value), f"{name} {misfit(known[name], value)}"

    def test_its_defaults_are_accepted(self, spec: EditSpec, defaults: Settings) -> None:
        """Who asks for nothing in particular gets something."""
        edit = _found(spec, defaults, sheet("L"), 1.0)
        _check(edit, sheet("L"), 1.0)

    def test_every_mode_is_taken(self, edit: Edit) -> None:
        """Pages are black and white, grey or in colour, with 8 or 16 bits."""
        for mode in MODES:
            _check(edit, sheet(mode), 1.0)

    def test_the_given_picture_is_left_alone(self, edit: Edit) -> None:
        """It is kept, to try the next edit on."""
        for mode in MODES:
            given = sheet(mode)
            before = given.tobytes()
            edit.apply(given, 1.0)
            assert given.tobytes() == before, f"a picture of mode {mode} was changed in place"

    def test_the_same_picture_gives_the_same_result(self, edit: Edit) -> None:
        """What is seen is what is saved."""
        first, second = (edit.apply(sheet("RGB"), 1.0) for _ in range(2))
        assert (first.size, first.tobytes()) == (second.size, second.tobytes())

    def test_points_go_where_the_transform_says(
        self,
        spec: EditSpec,
        defaults: Settings,
        settings: Settings,
        keeps_dots: bool,  # noqa: FBT001 - a fixture
    ) -> None:
        """Marks on the page follow the picture."""
        if not keeps_dots:
            return
        given = dotted()
        edit = _found(spec, {**defaults, **settings}, given, 1.0)
        after, transform = edit.measure(PageInfo(width=SIZE[0], height=SIZE[1], dpi=DPI))
        made = edit.apply(given, 1.0).convert("L")
        seen = 0
        for dot in DOTS:
            x, y = _moved(transform, dot)
            if RADIUS < x < after.width - RADIUS and RADIUS < y < after.height - RADIUS:
                seen += 1
                assert _is_dot(made, x, y), f"the dot at {dot} is not at {x:.1f}, {y:.1f}"
        assert seen, "no dot is left on the page; choose `settings` that keep one"

    def test_it_looks_the_same_at_any_scale(
        self, spec: EditSpec, defaults: Settings, settings: Settings, tolerance: float
    ) -> None:
        """A thumbnail shows what will be saved."""
        full = drawn()
        edit = _found(spec, {**defaults, **settings}, full, 1.0)
        large = edit.apply(full, 1.0)
        for divisor in (2, 4):
            small = edit.apply(_reduced(full, divisor), 1.0 / divisor)
            difference = _difference(large, small)
            assert difference <= tolerance, (
                f"at 1/{divisor} it differs by {difference:.1f} levels on average"
            )

    def test_it_does_no_more_than_it_says(self, edit: Edit) -> None:
        """Its word decides whether a JPEG stays as it came, and a page of 48 bits keeps them."""
        given = drawn()
        made = edit.apply(given.copy(), 1.0)
        if edit.only_turns():
            _, transform = edit.measure(PageInfo(width=SIZE[0], height=SIZE[1], dpi=DPI))
            assert _same(made, _turned(given, transform)), "it changes more than how a page lies"
        if edit.by_sample():
            alone = [
                edit.for_sample(place).apply(colour, 1.0)
                for place, colour in enumerate(_colours(given))
            ]
            assert _same(made, Image.merge("RGB", alone)), "a colour alone becomes another one"

    def test_extreme_values_raise_only_typed_errors(
        self, spec: EditSpec, defaults: Settings
    ) -> None:
        """They are done or refused by name."""
        for option in spec.options:
            values: list[object] = [option.minimum, option.maximum]
            values += [choice.value for choice in option.choices]
            values += ["", "~", "#12345g", "{", "\0", "ä" * 100] * (option.kind == "text")
            for value in values:
                if value is None:
                    continue
                asked = {**defaults, option.name: value}
                _try(spec, asked, PageInfo(width=SIZE[0], height=SIZE[1], dpi=DPI))  # type: ignore[arg-type]

    def test_extreme_pages_raise_only_typed_errors(
        self, spec: EditSpec, defaults: Settings, settings: Settings
    ) -> None:
        """One pixel, a thread of pixels, no resolution."""
        for width, height in ((1, 1), (2000, 1), (1, 2000), (3, 3)):
            for dpi in ((0.0, 0.0), (1e9, 1e9)):
                page = PageInfo(width=width, height=height, dpi=dpi)
                _try(spec, {**defaults, **settings}, page)

    def test_it_works_behind_the_worker(
        self, spec: EditSpec, defaults: Settings, settings: Settings, tmp_path: Path
    ) -> None:
        """In its box, with the same result."""
        options = {**defaults, **settings}

        async def use() -> tuple[list[Measured], Page]:
            tool = Tool(name=spec.name, factory=spec.factory, settings=defaults)
            worker = Worker(
                Recipe(kind="edit", name="contract", factory=CODEC, tools=(tool,)),
                crashes=tmp_path,
            )
            page = PageInfo(width=SIZE[0], height=SIZE[1], dpi=DPI)
            file = Held(_file())
            given = Sheet(file="page", size=file.size, index=0, page=page)
            deed = Deed(name=spec.name, options=options)
            try:
                measured = await worker.measure(given, file, [deed], known=0)
                deed = replace(deed, options={**options, **measured[0].found})
                wanted = Wanted(media_type="image/png")
                return measured, await worker.render(given, file, [deed], wanted)
            finally:
                await worker.close()

        ((measured,), page) = asyncio.run(use())

        edit = _found(spec, options, drawn(), 1.0)
        after, transform = edit.measure(PageInfo(width=SIZE[0], height=SIZE[1], dpi=DPI))
        assert measured.page == after
        assert measured.transform == pytest.approx(transform)
        shown = Image.open(io.BytesIO(page.data))
        assert shown.size == (after.width, after.height)
        assert _difference(shown, edit.apply(drawn(), 1.0)) < 1


def sheet(mode: str) -> Image.Image:
    """Return a small page in one of the modes."""
    picture = drawn()
    if mode == "I;16":
        deep = picture.convert("L").convert("I").point(lambda level: level * 257)
        picture = deep.convert("I;16")
    else:
        picture = picture.convert(mode)
    picture.info["dpi"] = DPI
    return picture


def drawn() -> Image.Image:
    """Return a page in colour: paper, lines of print, a picture; the same each time."""
    chance = random.Random(3)  # noqa: S311
    picture = Image.new("RGB", SIZE, (236, 233, 226))
    pen = ImageDraw.Draw(picture)
    for top in range(40, 300, 16):
        right = chance.randrange(180, 330)
        pen.rectangle((36, top, right, top + 6), (40, 40, 52))
    pen.ellipse((60, 330, 170, 440), (190, 60, 50))
    pen.rectangle((210, 330, 320, 440), (60, 110, 180))
    picture.info["dpi"] = DPI
    return picture


def dotted() -> Image.Image:
    """Return a page with a dot at each of `DOTS`."""
    picture = Image.new("RGB", SIZE, (236, 233, 226))
    pen = ImageDraw.Draw(picture)
    for x, y in DOTS:
        pen.ellipse((x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS), (30, 30, 30))
    picture.info["dpi"] = DPI
    return picture


def _turned(picture: Image.Image, transform: Transform) -> Image.Image:
    """Return a picture that lies as the transform says."""
    a, b, _, d, e, *_ = (round(number) for number in transform)
    stood = picture.transpose(Image.Transpose.TRANSPOSE) if (a, e) == (0, 0) else picture
    if a + b < 0:
        stood = stood.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return stood.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if d + e < 0 else stood


def _colours(picture: Image.Image) -> list[Image.Image]:
    colours = [*picture.split()]
    for colour in colours:
        colour.info["dpi"] = DPI
    return colours


def _same(one: Image.Image, other: Image.Image) -> bool:
    return (one.mode, one.size, one.tobytes()) == (other.mode, other.size, other.tobytes())


def _file() -> bytes:
    stream = io.BytesIO()
    drawn().save(stream, "PNG", dpi=DPI)
    return stream.getvalue()


def _found(spec: EditSpec, options: Settings, picture: Image.Image, scale: float) -> Edit:
    found = make(spec.factory, options, Edit).find(picture, scale)
    known = {option.name: option for option in spec.options}
    for name, value in found.items():
        assert name in known, f"it finds {name!r}, which is none of its options"
        assert not misfit(known[name], value), f"what it finds: {misfit(known[name], value)}"
    return make(spec.factory, {**options, **found}, Edit)


def _check(edit: Edit, given: Image.Image, scale: float) -> None:
    page = PageInfo(width=given.width, height=given.height, dpi=DPI)
    after, transform = edit.measure(page)
    assert len(transform) == 9
    assert all(math.isfinite(number) for number in transform)
    made = edit.apply(given, scale)
    assert made.mode in MODES, f"it makes a picture of mode {made.mode}"
    assert made.size == (after.width, after.height), (
        f"it makes {made.size} where it measures {after.width} x {after.height}"
    )


def _try(spec: EditSpec, options: Settings, page: PageInfo) -> None:
    given = Image.new("L", (page.width, page.height), 200)
    given.info["dpi"] = page.dpi
    try:
        edit = _found(spec, options, given, 1.0)
        after, _ = edit.measure(page)
    except SheetfedError:
        return
    if after.width * after.height > 4_000_000:
        return  # the service refuses what is too large
    made = edit.apply(given, 1.0)
    assert made.size == (after.width, after.height)


def _moved(transform: Transform | Sequence[float], point: tuple[float, float]) -> tuple[float, ...]:
    x, y = point
    a, b, c, d, e, f, g, h, i = transform
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


def _is_dot(picture: Image.Image, x: float, y: float) -> bool:
    """Say whether a place is unlike what is around it."""
    here = picture.getpixel((int(x), int(y)))
    around = [
        picture.getpixel(
            (
                min(max(0, int(x + dx)), picture.width - 1),
                min(max(0, int(y + dy)), picture.height - 1),
            )
        )
        for dx, dy in ((-40, 0), (40, 0), (0, -40), (0, 40))
    ]
    levels = sorted(float(level) for level in around if isinstance(level, int | float))
    assert isinstance(here, int | float)
    return abs(here - (levels[1] + levels[2]) / 2) > 20


def _reduced(picture: Image.Image, divisor: int) -> Image.Image:
    small = picture.reduce(divisor)
    small.info["dpi"] = (DPI[0] / divisor, DPI[1] / divisor)
    return small


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Return by how many levels two pictures differ on average, seen from afar."""
    size = (max(1, one.width // 16), max(1, one.height // 16))
    grey = [picture.convert("L").resize(size, Image.Resampling.LANCZOS) for picture in (one, other)]
    return float(ImageStat.Stat(ImageChops.difference(*grey)).mean[0])
