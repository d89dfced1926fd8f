"""Pages copied out of the file they came in."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import pikepdf

from sheetfed.api.contracts import Files
from sheetfed.api.errors import Unreadable
from sheetfed.api.model import Origin
from sheetfed_pdf import structure
from sheetfed_pdf.output import Output
from sheetfed_pdf.syntax import array, dictionary, reference, renumbered

_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_DROPPED = frozenset({"/Type", "/Parent", "/AA", "/B", "/StructParents", "/Annots", "/Contents"})
"""What a page does not take along: what would be run, and threads through the rest of the file."""

_RUN = frozenset({
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/ResetForm", "/Rendition", "/Movie",
    "/Sound", "/GoToE", "/RichMediaExecute",
})  # fmt: skip
"""Actions that do something to the computer or the file; a link to a place or a page stays."""

_MOST_ENTRIES = 20_000
_PRINTED = 4

Key = tuple[int, int]


class Copied:
    """A file that pages are copied from. What they share is written once."""

    def __init__(self, files: Files, origin: Origin, output: Output) -> None:
        self.fields: dict[Key, int] = {}
        self._files = files
        self._origin = origin
        self._output = output
        self._stream: BinaryIO | None = None
        self._opened: Any = None
        self._numbers: dict[Key, int] = {}
        self._waiting: list[tuple[Key, int]] = []
        self._claimed: set[int] = set()
        self._families: dict[Key, int] = {}
        self._promised: dict[int, int] = {}
        self._done: set[int] = set()
        self._pages: list[Any] = []
        self._places: dict[Key, int] = {}
        self.count = len(self.objects.pages)

    @property
    def objects(self) -> pikepdf.Pdf:
        """The file's objects; it is opened anew where it rested."""
        if self._opened is None:
            self._stream = self._files.open(self._origin.file)
            self._opened = structure.opened(self._stream, password_of(self._origin))
            with structure.reading("the list of pages"):
                self._pages = [page.obj for page in self._opened.pages]
            self._places = {page.objgen: index for index, page in enumerate(self._pages)}
        opened: pikepdf.Pdf = self._opened
        return opened

    @property
    def damaged(self) -> bool:
        """Whether the file had to be put together again."""
        return bool(self.objects.get_warnings())

    def page(self, index: int) -> Any:
        """Return a page's object."""
        if not 0 <= index < self.count:
            raise Unreadable(f"the file has {self.count} pages, none at {index}")
        _ = self.objects
        return self._pages[index]

    def place_in_file(self, page: Any) -> int | None:
        """Return the index of a page's object."""
        return self._places.get(page.objgen)

    def number_of(self, index: int) -> int | None:
        """Return what a page became, if it was copied."""
        return self._promised.get(index) if index in self._done else None

    def add(
        self,
        index: int,
        *,
        parent: int,
        around: tuple[int, int] | None = None,
        font: tuple[str, bytes] | None = None,
        printed: bool = False,
    ) -> int:
        """Copy a page and return its number.

        `around` are streams of commands before and after its own, and `font` one more for them;
        where `printed`, what lies on the page says that it is.
        """
        page = self.page(index)
        again = index in self._done
        number = self._output.reserve() if again else self._promise(index)
        with structure.reading(f"page {index + 1}"):
            entries = dict(self._entries(page))
            entries["Type"], entries["Parent"] = b"/Page", reference(parent)
            contents = self._contents(page)
            if around is not None:
                contents = [reference(around[0]), *contents, reference(around[1])]
            entries["Contents"] = array(contents)
            if font is not None:
                entries["Resources"] = self._resources(page, *font)
            notes = [
                self._note(note, number, again=again, printed=printed) for note in self._notes(page)
            ]
            if notes:
                entries["Annots"] = array(map(reference, notes))
            self._output.add(dictionary(entries), number)
            self._done.add(index)
            self._drain()
        return number

    def copied(self, value: Any) -> bytes:
        """Return any value of the file as it is written in the new one, with all it leads to."""
        with structure.reading("an object"):
            body = self._body(value)
            self._drain()
        return body

    def add_families(self) -> None:
        """Write fields that have parts on several pages, with those parts that were copied.

        What stands on a page that was left out, or covered, goes nowhere through a page beside it.
        """
        while self._families:
            key, number = self._families.popitem()
            with structure.reading("a field"):
                field = self.objects.get_object(key)
                here = self.became(kid for kid in field["/Kids"] if isinstance(kid, pikepdf.Object))
                harmless = self._harmless(field)
                del harmless["/Kids"]
                body = self._renumbered(harmless.unparse(resolved=True))
                self._output.add(b"%s/Kids%s>>" % (body[:-2], array(map(reference, here))), number)
                self._drain()

    def became(self, values: Iterable[Any]) -> list[int]:
        """Return the numbers of those objects that were copied."""
        numbers = (self._numbers.get(value.objgen) for value in values)
        return [number for number in numbers if number]

    def rest(self) -> None:
        """Let go of the file, and of nothing that is known about it. Safe twice."""
        if self._opened is not None:
            self._opened.close()
        if self._stream is not None:
            self._stream.close()
        self._opened = self._stream = None
        self._pages = []

    def _promise(self, index: int) -> int:
        if index not in self._promised:
            self._promised[index] = self._output.reserve()
        return self._promised[index]

    def _entries(self, page: Any) -> Iterator[tuple[str, bytes]]:
        for key in _INHERITED:
            value = structure.inherited(page, key)
            if value is not None:
                yield key[1:], self._body(value)
        if structure.inherited(page, "/MediaBox") is None:
            yield "MediaBox", b"[0 0 612 792]"
        for key, value in page.items():
            if key not in _DROPPED and key not in _INHERITED:
                yield key[1:], self._body(value)

    def _contents(self, page: Any) -> list[bytes]:
        contents = page.get("/Contents")
        streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        return [self._body(stream) for stream in streams if isinstance(stream, pikepdf.Stream)]

    def _resources(self, page: Any, name: str, font: bytes) -> bytes:
        """Return a page's resources with one more font."""
        resources = structure.inherited(page, "/Resources")
        entries: dict[str, bytes] = {}
        if isinstance(resources, pikepdf.Dictionary):
            entries = {key[1:]: self._body(value) for key, value in resources.items()}
            fonts = resources.get("/Font")
            if isinstance(fonts, pikepdf.Dictionary):
                known = {key[1:]: self._body(value) for key, value in fonts.items()}
                return dictionary({**entries, "Font": dictionary({**known, name: font})})
        return dictionary({**entries, "Font": dictionary({name: font})})

    def _notes(self, page: Any) -> list[Any]:
        notes = page.get("/Annots")
        if not isinstance(notes, pikepdf.Array):
            return []
        return [note for note in notes if isinstance(note, pikepdf.Dictionary)][:_MOST_ENTRIES]

    def _note(self, note: Any, page: int, *, again: bool, printed: bool) -> int:
        """Copy what lies on a page: a link, a note, a field."""
        number = self._output.reserve() if again or not note.is_indirect else self._claim(note)
        harmless = self._harmless(note)
        if "/P" in harmless:
            del harmless["/P"]
        if printed:
            harmless["/F"] = _PRINTED
        target = harmless.get("/Dest")
        if target is not None and not isinstance(target, pikepdf.Array):
            harmless["/Dest"] = self.place_of(target)
        body = self._body(harmless)
        self._output.add(b"%s/P %s>>" % (body[:-2], reference(page)), number)
        if note.get("/Subtype") == "/Widget" and not again:
            self._note_field(note, number)
        return number

    def _claim(self, value: Any) -> int:
        """Return the number of an object that its finder writes."""
        key = value.objgen
        if key not in self._numbers:
            self._numbers[key] = self._output.reserve()
        self._claimed.add(self._numbers[key])
        return self._numbers[key]

    def _note_field(self, note: Any, number: int) -> None:
        root, depth = note, 0
        while isinstance(root.get("/Parent"), pikepdf.Dictionary) and depth < structure.DEEPEST:
            root, depth = root["/Parent"], depth + 1
        if root.is_indirect:
            self.fields[root.objgen] = self._number(root.objgen)
        elif "/T" in note:
            self.fields[0, number] = number

    def _harmless(self, value: Any) -> Any:
        """Return a dictionary without what would be run, as a copy that may be changed."""
        value = copy.copy(value)
        for key in ("/AA", "/OpenAction"):
            if key in value:
                del value[key]
        for key in ("/A", "/PA", "/Next"):
            action = value.get(key)
            if isinstance(action, pikepdf.Dictionary):
                if action.get("/S") in _RUN or "/JS" in action:
                    del value[key]
                else:
                    value[key] = self._resolved(action)
            elif isinstance(action, pikepdf.Array):
                del value[key]
        return value

    def _resolved(self, action: Any) -> Any:
        """Return a harmless action; a place that is called by name is written out."""
        action = self._harmless(action)
        if action.get("/S") == "/GoTo":
            target = action.get("/D")
            if target is not None and not isinstance(target, pikepdf.Array):
                action["/D"] = self.place_of(target)
        return action

    def place_of(self, target: Any) -> Any:
        """Return the place in the file that a name stands for; null where nobody knows it."""
        root = self.objects.Root
        try:
            if isinstance(target, pikepdf.Name):
                found = structure.entry(root, "/Dests", str(target))
            else:
                tree = structure.entry(root, "/Names", "/Dests")
                found = None if tree is None else pikepdf.NameTree(tree).get(str(target))
        except structure.DAMAGE:
            found = None
        if isinstance(found, pikepdf.Dictionary):
            found = found.get("/D")
        return found if isinstance(found, pikepdf.Array) else pikepdf.Array()

    def _body(self, value: Any) -> bytes:
        """Return a value as text, its references in the new file's numbers."""
        if not isinstance(value, pikepdf.Object):
            value = pikepdf.Array([value])
            return self._renumbered(value.unparse()[1:-1].strip())
        return self._renumbered(value.unparse())

    def _renumbered(self, body: bytes) -> bytes:
        return renumbered(body, lambda number, generation: self._number((number, generation)))

    def _number(self, key: Key) -> int:
        if key in self._places:
            return self._promise(self._places[key])
        if key not in self._numbers:
            self._numbers[key] = self._output.reserve()
            self._waiting.append((key, self._numbers[key]))
        return self._numbers[key]

    def _drain(self) -> None:
        """Write all that is referred to and not written yet."""
        while self._waiting:
            key, number = self._waiting.pop()
            if number in self._claimed:
                continue
            value = self.objects.get_object(key)
            if isinstance(value, pikepdf.Stream):
                entries = copy.copy(value.stream_dict)
                if "/Length" in entries:
                    del entries["/Length"]
                body = self._renumbered(entries.unparse(resolved=True))
                self._output.stream(body, [value.read_raw_bytes()], number)
            elif isinstance(value, pikepdf.Dictionary) and "/Kids" in value:
                self._families[key] = number
            elif isinstance(value, pikepdf.Dictionary):
                body = self._harmless(value).unparse(resolved=True)
                self._output.add(self._renumbered(body), number)
            elif isinstance(value, pikepdf.Array):
                self._output.add(self._renumbered(value.unparse(resolved=True)), number)
            else:
                self._output.add(self._body(value), number)


def password_of(origin: Origin) -> str | None:
    """Return what the file was opened with."""
    password = origin.options.get("password")
    return str(password) if password else None
