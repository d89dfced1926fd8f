"""Documents: every published call, parameter and status."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
import pytest
from incumbent import CONFIG, DOCUMENTS, JOBS, Answer, Program, Service, wish
from PIL import Image

SECRET = {"DWT-DOC-PASSWORD": "open sesame"}


@pytest.fixture
def urls(program: Program, scanned: str) -> list[str]:
    """The addresses of three scanned pages, from front to back."""
    pages = [
        program.ask("GET", f"{JOBS}/{scanned}/content?type=image/png&page={place}").status
        for place in range(3)
    ]
    assert pages == [200] * 3
    return [
        f"http://127.0.0.1:{program.port}{JOBS}/{scanned}/content?page={place}"
        for place in range(3)
    ]


@pytest.fixture
def document(program: Program) -> Iterator[str]:
    """A document without a password."""
    made = program.ask("POST", DOCUMENTS, {})
    assert (made.status, made.json["pages"]) == (201, [])
    yield made.json["uid"]
    program.ask("DELETE", f"{DOCUMENTS}/{made.json['uid']}")


def put(program: Program, uid: str, *sources: str) -> list[str]:
    """Append pages and return the ids of all."""
    for source in sources:
        answer = program.ask("POST", f"{DOCUMENTS}/{uid}/pages", {"source": source})
        assert answer.status == 200, answer.body
    return [page["uid"] for page in program.ask("GET", f"{DOCUMENTS}/{uid}").json["pages"]]


def pdf_of(answer: Answer) -> pikepdf.Pdf:
    """Return the PDF that was answered."""
    assert answer.status == 200, answer.body
    return pikepdf.open(io.BytesIO(answer.body))


def filters(pdf: pikepdf.Pdf) -> list[str]:
    """Return how the picture of each page is packed."""
    return [str(image.Filter) for page in pdf.pages for image in page.get_images().values()]


def test_a_document_lives_from_its_making_to_its_end(
    program: Program, document: str, urls: list[str]
) -> None:
    """Pages are put in, at places counted from 1, taken out, and all of it goes."""
    path = f"{DOCUMENTS}/{document}"
    first, second = put(program, document, *urls[:2])

    front = program.ask("POST", f"{path}/pages", {"source": urls[2], "insertPos": 1}).json
    far = program.ask("POST", f"{path}/pages", {"source": urls[0], "insertPos": "99"}).json
    order = [page["uid"] for page in far["pages"]]
    assert order[1:3] == [first, second]
    assert front["pages"][0]["uid"] == order[0]
    assert program.ask("DELETE", f"{path}/pages/0").status == 204
    assert program.ask("DELETE", f"{path}/pages/{second}").status == 204
    left = program.ask("GET", f"{DOCUMENTS}?documentuid={document}").json["pages"]
    assert [page["uid"] for page in left] == [first, order[3]]
    for page in ("7", second, "nonsense"):
        gone = program.ask("DELETE", f"{path}/pages/{page}")
        assert (gone.status, gone.json["code"]) == (404, -1040)

    assert program.ask("DELETE", path).status == 204
    again = program.ask("GET", path)
    assert (again.status, again.json["code"]) == (404, -1040)


def test_a_password_stands_before_every_call(program: Program, urls: list[str]) -> None:
    """Without it, or with another, 403; the older name of the header works too."""
    made = program.ask("POST", DOCUMENTS, {"password": SECRET["DWT-DOC-PASSWORD"]})
    path = f"{DOCUMENTS}/{made.json['uid']}"
    body = {"source": urls[0]}

    for headers in ({}, {"DWT-DOC-PASSWORD": "open"}):
        answers = [
            program.ask("GET", path, headers=headers),
            program.ask("PATCH", path, {"metadata": "x"}, headers),
            program.ask("GET", f"{path}/content", headers=headers),
            program.ask("POST", f"{path}/pages", body, headers),
            program.ask("DELETE", f"{path}/pages/0", headers=headers),
            program.ask("DELETE", path, headers=headers),
        ]
        assert {(each.status, each.json["code"]) for each in answers} == {(403, -1043)}
    assert program.ask("POST", f"{path}/pages", body, SECRET).status == 200
    old = {"X-DICS-DOC-PASSWORD": SECRET["DWT-DOC-PASSWORD"]}
    assert len(program.ask("GET", path, headers=old).json["pages"]) == 1
    copied = {"source": f"http://localhost{path}/content?pages=0"}
    other = program.ask("POST", DOCUMENTS, {}).json["uid"]
    refused = program.ask("POST", f"{DOCUMENTS}/{other}/pages", copied)
    assert (refused.status, refused.json["code"]) == (403, -1043)
    source = {"DWT-SOURCE-PASSWORD": SECRET["DWT-DOC-PASSWORD"]}
    assert program.ask("POST", f"{DOCUMENTS}/{other}/pages", copied, source).status == 200
    for uid, headers in ((path.rpartition("/")[2], SECRET), (other, {})):
        query = f"{DOCUMENTS}?documentuid={uid}"
        assert program.ask("DELETE", query, headers=headers).status == 204


def test_a_password_has_at_most_32_characters(program: Program, document: str) -> None:
    longest = program.ask("POST", DOCUMENTS, {"password": "x" * 32})
    longer = program.ask("POST", DOCUMENTS, {"password": "x" * 33})
    path = f"{DOCUMENTS}/{document}"
    header = program.ask("GET", path, headers={"DWT-DOC-PASSWORD": "x" * 33})
    file = program.ask("GET", f"{path}/content?password={'x' * 33}")

    assert longest.status == 201
    assert [(each.status, each.json["code"]) for each in (longer, header)] == [(400, -2113)] * 2
    assert file.status in (400, 404)
    uid = longest.json["uid"]
    program.ask("DELETE", f"{DOCUMENTS}/{uid}", headers={"DWT-DOC-PASSWORD": "x" * 32})


@pytest.mark.parametrize("metadata", ["some words", {"a": {"b": [1, "ü"]}}, "x" * 20_000])
def test_metadata_is_text_or_an_object_and_is_overwritten_whole(
    program: Program, document: str, metadata: object
) -> None:
    path = f"{DOCUMENTS}/{document}"
    program.ask("PATCH", path, {"metadata": {"old": 1}})

    assert program.ask("PATCH", path, {"metadata": metadata}).json["metadata"] == metadata
    assert program.ask("GET", path).json["metadata"] == metadata


def test_metadata_that_is_no_such_thing_or_too_much_is_refused(
    program: Program, document: str
) -> None:
    path = f"{DOCUMENTS}/{document}"
    answers = [
        program.ask("PATCH", path, {"metadata": value}) for value in (None, 5, [1], "x" * 100_000)
    ]
    answers.append(program.ask("PATCH", path, b'{"metadata": {"a": 1e999}}'))

    assert {(each.status, each.json["code"]) for each in answers} == {(400, -2113)}
    assert program.ask("GET", path).json == {"uid": document, "pages": []}


def test_content_comes_in_every_type_with_its_parameters(
    program: Program, document: str, urls: list[str]
) -> None:
    """PDF as a rule, of all pages; pictures of the first; by number or id, in the order asked."""
    bare = {**wish(sheets=1), "config": {**CONFIG, "PixelType": 0}}
    lines = program.job_once_free(bare)["jobuid"]
    assert len(program.pages(lines)) == 1
    ids = put(program, document, *urls, f"http://x{JOBS}/{lines}/content?page=0")
    path = f"{DOCUMENTS}/{document}/content"

    whole = program.ask("GET", path)
    words = "title=Tax&author=Ann&subject=S&keyWords=k&creator=C&creationDate=D:20181231"
    told = program.ask("GET", f"{path}?{words}&version=1.5&compression=7&pageType=6&pages=0")
    locked = program.ask("GET", f"{path}?password=pw&pages={ids[2]},0")
    tiff = program.ask("GET", f"{path}?type=image/tiff&compression=5")
    usual = Image.open(io.BytesIO(program.ask("GET", f"{path}?type=image/tiff").body))
    small, large = (
        program.ask("GET", f"{path}?type=image/jpeg&quality={quality}") for quality in (10, 95)
    )
    png = program.ask("GET", f"{path}?type=image/png&pages=2")

    with pikepdf.open(io.BytesIO(whole.body)) as pdf:
        assert filters(pdf) == ["/DCTDecode"] * 3 + ["/CCITTFaxDecode"]
        names = [*pdf.docinfo.keys()]
    assert not any("dwt" in name for name in names), names
    info = pikepdf.open(io.BytesIO(told.body))
    assert {str(info.docinfo[name]) for name in ("/Title", "/Author", "/Subject")} == {
        "Tax",
        "Ann",
        "S",
    }
    assert float(info.pages[0].mediabox[2]) == pytest.approx(612, abs=1)
    assert (len(info.pages), info.pdf_version) == (1, "1.5")
    assert filters(info) == ["/JBIG2Decode"]
    assert pdf_of(whole).pdf_version == "1.5"
    odd = "producer=Them&creationDate=2017&modifiedDate=D:20181231120000-05'00'&pages=0,3"
    for version, way in (("1.1", 6), ("1.3", 7)):
        other = pdf_of(program.ask("GET", f"{path}?{odd}&version={version}&compression={way}"))
        assert (other.pdf_version, str(other.docinfo["/Producer"])) == (version, "Them")
        assert str(other.docinfo["/CreationDate"]) == "D:20170101000000+00'00'"
        assert str(other.docinfo["/ModDate"]) == "D:20181231120000-05'00'"
        assert not {"/JPXDecode", "/JBIG2Decode"} & {*filters(other)}, filters(other)
    papers = [(595, 842), (842, 1191), (612, 792), (612, 1008)]
    for number, paper in enumerate(papers):
        for rotated in (False, True):
            kind = 2 * number + 2 + rotated
            laid = pdf_of(program.ask("GET", f"{path}?pages=0&pageType={kind}"))
            size = [round(float(side)) for side in laid.pages[0].mediabox[2:]]
            assert size == [*(reversed(paper) if rotated else paper)]
    assert len(pikepdf.open(io.BytesIO(locked.body), password="pw").pages) == 2
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(locked.body))
    picture = Image.open(io.BytesIO(tiff.body))
    assert (picture.n_frames, picture.info["compression"]) == (4, "tiff_lzw")
    packed = []
    for frame in range(4):
        usual.seek(frame)
        packed.append(usual.info["compression"])
    assert packed == ["tiff_lzw"] * 3 + ["group4"]
    assert len(small.body) < len(large.body)
    assert (png.headers["Content-Type"], png.body[:4]) == ("image/png", b"\x89PNG")


@pytest.mark.parametrize(
    "query",
    [
        "type=image/gif",
        "quality=101",
        "quality=high",
        "compression=99",
        "compression=7&type=image/tiff&quality=-1",
        "pageType=10",
        "version=3",
        "creationDate=yesterday",
        "pages=0&pages=1",
    ],
)
def test_a_parameter_that_means_nothing_is_refused(
    program: Program, document: str, urls: list[str], query: str
) -> None:
    put(program, document, urls[0])
    answer = program.ask("GET", f"{DOCUMENTS}/{document}/content?{query}")

    assert (answer.status, answer.json["code"]) == (400, -2113)


def test_a_page_that_is_not_there_and_an_empty_document_have_no_content(
    program: Program, document: str, urls: list[str]
) -> None:
    empty = program.ask("GET", f"{DOCUMENTS}/{document}/content")
    put(program, document, urls[0])
    beyond = program.ask("GET", f"{DOCUMENTS}/{document}/content?pages=0,1")

    assert {(each.status, each.json["code"]) for each in (empty, beyond)} == {(404, -1040)}


def test_a_source_is_the_address_of_a_page_and_nothing_else(
    program: Program, document: str, scanned: str
) -> None:
    """No file and no other host is ever read."""
    sources = (
        "http://127.0.0.1:1/picture.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        f"{JOBS}/{scanned}/next-page",
        "http://[",
        "",
    )
    path = f"{DOCUMENTS}/{document}/pages"
    refused = [program.ask("POST", path, {"source": source}) for source in sources]
    none = program.ask("POST", path, {})
    unknown = program.ask("POST", path, {"source": f"{JOBS}/{scanned}/next-page?page={'0' * 32}"})

    assert {(each.status, each.json["code"]) for each in (*refused, none)} == {(400, -2113)}
    assert (unknown.status, unknown.json["code"]) == (404, -1040)


def test_blank_pages_and_barcodes_are_told(
    program: Program, document: str, urls: list[str]
) -> None:
    """The sample's second sheet has a QR Code."""
    (page,) = put(program, document, urls[1])
    source = f"http://localhost{DOCUMENTS}/{document}/content?pages={page}"
    blank = program.ask("POST", "/api/process/check-blank", {"source": source})
    codes = program.ask("POST", "/api/process/read-barcode", {"source": source}).json

    assert (blank.status, blank.json) == (200, {"result": False})
    assert codes[0]["barcodeFormat"] == codes[0]["BarcodeFormat"] == 67108864
    assert codes[0]["barcodeText"].startswith("https://example.com/")
    assert bytes(codes[0]["barcodeBytes"]).decode() == codes[0]["barcodeText"]
    assert codes[0]["localizationResult"]["x2"] > codes[0]["localizationResult"]["x1"]


def test_a_picture_that_is_sent_along_is_looked_at_and_not_kept(
    program: Program, service: Service, urls: list[str]
) -> None:
    """The makers' own client sends settings and a file in parts of one body."""
    before = service.running.tool.get("/v1/documents").json["items"]
    picture = program.ask("GET", f"{urls[1].partition(str(program.port))[2]}&type=image/png").body
    assert picture.startswith(b"\x89PNG")
    empty = io.BytesIO()
    Image.new("L", (827, 1169), 255).save(empty, "PNG", dpi=(100, 100))

    codes = in_parts(program, "read-barcode", settings=b"speed", stream=picture)
    blank = in_parts(
        program, "check-blank", settings=b'{"minBlockHeight": 20}', stream=empty.getvalue()
    )
    wrong = [
        in_parts(program, "check-blank", settings=b'{"minBlockHeight": "x"}', stream=picture),
        in_parts(program, "read-barcode", settings=b"speed"),
        in_parts(program, "read-barcode", stream=b"no picture"),
        in_parts(program, "read-barcode", stream=b""),
        in_parts(program, "read-barcode", settings=b"x" * (65 << 10), stream=picture),
        program.ask("POST", "/api/process/read-barcode", b"--b\r\nno part", {"Content-Type": FORM}),
        program.ask("POST", "/api/process/read-barcode", b"", {"Content-Type": FORM}),
        program.ask("POST", "/api/process/read-barcode", b"", {"Content-Type": FORM[:19]}),
    ]

    assert service.running.tool.get("/v1/documents").json["items"] == before
    assert codes.status == 200, codes.body
    assert codes.json[0]["barcodeText"].startswith("https://example.com/")
    assert blank.json == {"result": True}
    assert [answer.status for answer in wrong] == [400, 400, 400, 400, 413, 400, 400, 400]
    assert all(answer.json["code"] for answer in wrong)


FORM = "multipart/form-data; boundary=b"


def in_parts(program: Program, call: str, **parts: bytes) -> Answer:
    """Post a form."""
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), data)
        for name, data in parts.items()
    )
    return program.ask("POST", f"/api/process/{call}", body + b"--b--\r\n", {"Content-Type": FORM})


def test_the_documented_calls_show_and_empty_a_buffer(
    program: Program, service: Service, document: str, urls: list[str]
) -> None:
    """A buffer is a document of ours; one with a password is nobody's."""
    put(program, document, *urls[:2])
    img = f"/dwt/dwt_16100728/img?id={document}&ticks=1&index="
    whole, small, huge, least = (
        Image.open(io.BytesIO(program.ask("GET", f"{img}1{size}").body)).size
        for size in (
            "&width=-1&height=-1",
            "&width=300&height=300",
            "&width=9999&height=9999",
            "&width=10&height=10",
        )
    )
    beyond = program.ask("GET", f"{img}2")
    version = program.ask("GET", "/fa/VersionInfo?ts=1700000000000").json
    command = [{"id": document, "method": "RemoveAllImages", "parameter": []}]
    emptied = program.ask("POST", "/f/RemoveAllImages?123", command).json
    locked = program.ask("POST", DOCUMENTS, {"password": "x"}).json["uid"]

    assert whole == huge == (827, 1169)
    assert (max(small), max(least)) == (300, 150)
    assert small[0] / small[1] == pytest.approx(827 / 1169, abs=0.01)
    assert beyond.status == 404
    assert version == {
        "id": "1",
        "method": "VersionInfo",
        "result": ["19, 4, 0, 0410", "", "64"],
        "cmdId": "",
    }
    assert emptied == {"id": document, "method": "RemoveAllImages", "result": [True], "cmdId": ""}
    assert program.ask("GET", f"{DOCUMENTS}/{document}").json["pages"] == []
    unknown = program.ask("GET", "/f/RemoveAllImages?id=414778098").json
    assert unknown["result"] == [True]
    for body in (b"[", [{"id": 1}, {"id": 2}], {"id": ["x"]}):
        wrong = program.ask("POST", "/f/RemoveAllImages", body)
        assert (wrong.status, wrong.json["code"]) == (400, -2113)
    assert program.ask("POST", "/f/RemoveAllImages", {"id": 414778098}).json["id"] == "414778098"
    assert program.ask("GET", f"/dwt/dwt_1/img?id={locked}&index=0").status == 404
    first = Program(service.welcome)
    assert first.ask("GET", "/fa/VersionInfo?ts=1").json == version
    assert b"sheetfed open" in first.ask("GET", "/").body
