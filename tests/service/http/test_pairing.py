"""A site gets in by a person's word and its own key, and by nothing else."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.path.insert(0, str(Path(__file__).parents[1]))
from running import Answer, Caller, Ear, Running
from site_page import Site, knows, text_of

CONFIGURED = "https://clinic.example"
_numbers = count(1)


def configure(home: Path) -> Path:
    home.mkdir()
    (home / "sheetfed.toml").write_text(
        f'disabled = ["sane"]\n[sites]\napproved = ["{CONFIGURED}"]\n'
    )
    return home


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A service; each test has its own, as all strangers share one rate."""
    with Running(configure(tmp_path / "home")) as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service for tests with a site of their own that is approved already."""
    with Running(configure(tmp_path_factory.mktemp("shared") / "home")) as running:
        yield running


@pytest.fixture
def site(shared: Running) -> Site:
    """A site that a person approved for every browser."""
    origin = f"https://site{next(_numbers)}.example"
    shared.tool.post("/v1/sites", {"origin": origin, "state": "approved"})
    return Site(shared.port, origin)


def approve(running: Running, asked: Any) -> Answer:
    return running.tool.post(f"/v1/pairings/{asked['id']}/approve", {"code": asked["code"]})


def own_page(running: Running) -> Caller:
    """Return our own page, opened with a nonce."""
    nonce = running.tool.post("/v1/page-nonces").json["nonce"]
    home = f"http://127.0.0.1:{running.port}"
    page = Caller(running.port, {"Origin": home, "Sec-Fetch-Site": "same-origin"})
    token = page.post("/v1/page-tokens", {"nonce": nonce}).json["token"]
    page.headers["Authorization"] = f"Bearer {token}"
    return page


def audit(running: Running) -> list[dict[str, Any]]:
    files = sorted((running.home / "audit").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_from_the_question_to_the_first_scan(running: Running) -> None:
    """5.3 step by step, as docs/sites.md tells it; each side knows the other one again."""
    site = Site(running.port, "https://scan.example")
    page = own_page(running)
    before = site.get("/v1/devices")
    asked = site.pair()
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(site.state, asked.json["id"], wait=20)
        shown = page.get("/v1/sites").json["pending"]
        approved = page.post(f"/v1/pairings/{shown[0]['id']}/approve", {"code": shown[0]["code"]})
        heard = waiting.result(5)
    challenge = site.challenge().json
    token = site.prove(challenge)
    site.headers["Authorization"] = f"Bearer {token.json['token']}"
    job = site.post("/v1/jobs", {"device": "sample:paper", "settings": {"speed": 0}})

    assert before.status == 403
    assert asked.status == 202
    assert (shown[0]["origin"], shown[0]["code"]) == (site.origin, asked.json["code"])
    assert 0 < shown[0]["expires_in"] <= 60
    assert approved.status == 200
    assert heard == "approved"
    knows(asked.json["service"], site.origin, challenge)
    with pytest.raises(InvalidSignature):
        knows(asked.json["service"], "https://other.example", challenge)
    assert (token.status, token.json["expires_in"]) == (201, 900)
    assert token.headers["Cache-Control"] == "no-store"
    assert job.status == 201
    assert running.get(f"/v1/jobs/{job.json['id']}").status == 404


def test_a_scan_of_a_site_is_told_and_written_down(running: Running) -> None:
    """R15, L04: the person sees which page uses which device, and can look it up later."""
    site = running.as_site("https://scan.example")
    ear = Ear(running.tool)
    ear.start()
    ear.ready.wait(5)

    job = site.post("/v1/jobs", {"device": "sample:paper", "settings": {"speed": 0}}).json
    refused = site.post("/v1/jobs", {"device": "sample:none"}).status
    while site.get(f"/v1/jobs/{job['id']}").json["state"] in ("waiting", "scanning"):
        time.sleep(0.05)
    running.stop()
    ear.join(5)

    told = [data for topic, data in ear if topic == "site"]
    scan = {"site": "https://scan.example", "device": "sample:paper", "job": job["id"]}
    assert told == [{**scan, "what": "scan"}, {**scan, "what": "scan-ended"}]
    lines = [line for line in audit(running) if line["what"] == "scan"]
    assert [(line["who"], line["result"], line.get("device")) for line in lines] == [
        ("https://scan.example", "done", "sample:paper"),
        ("https://scan.example", "device-gone", None),
    ]
    assert refused == 404


def test_the_list_names_the_device_that_a_site_uses_now(running: Running) -> None:
    site = running.as_site("https://scan.example")
    job = site.post("/v1/jobs", {"device": "sample:paper", "settings": BATCH}).json

    during = running.tool.get("/v1/sites").json["items"]
    site.post(f"/v1/jobs/{job['id']}/cancel")
    after = running.tool.get("/v1/sites").json["items"]

    by_origin = {row["origin"]: row["scanning"] for row in during}
    assert by_origin == {"https://scan.example": "sample:paper", CONFIGURED: None}
    assert {row["scanning"] for row in after} == {None}


def test_only_five_wait_at_once_and_their_codes_differ(running: Running) -> None:
    """T08: the sixth hears when to come back; the service goes on."""
    sites = [Site(running.port, f"https://s{number}.example") for number in range(6)]

    asked = [site.pair() for site in sites]

    assert [answer.status for answer in asked] == [202] * 5 + [429]
    assert 0 < int(asked[5].headers["Retry-After"]) <= 60
    codes = {answer.json["code"] for answer in asked[:5]}
    assert len(codes) == 5
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert running.get("/v1/devices").status == 200


def test_a_second_browser_of_the_same_site_waits_for_the_first(running: Running) -> None:
    first = Site(running.port, "https://scan.example")
    second = Site(running.port, "https://scan.example")
    asked = first.pair().json

    refused = second.pair()
    approve(running, asked)
    later = second.pair()

    assert refused.status == 429
    assert first.pair().json["state"] == "approved"
    assert later.json["state"] == "pending"


def test_a_flood_of_strangers_does_not_reach_the_person(running: Running) -> None:
    """T08: whatever number of sites asks, together they have one rate."""
    answers = [Site(running.port, f"https://s{number}.example").challenge() for number in range(20)]

    assert {answer.status for answer in answers} == {403, 429}
    assert running.get("/v1/devices").status == 200


def test_the_page_of_another_site_sees_no_pairing(running: Running) -> None:
    """R13: another origin's is like one that never was."""
    site, other = Site(running.port, "https://a.example"), Site(running.port, "https://b.example")
    asked = site.pair().json

    foreign = other.get(f"/v1/pairings/{asked['id']}")
    unknown = other.get("/v1/pairings/pair_AAAAAAAAAAAAAAAAAAAAAA")

    assert (foreign.status, unknown.status) == (404, 404)
    assert foreign.body == unknown.body
    assert site.state(asked["id"]) == "pending"


@pytest.mark.parametrize(
    "origin",
    [
        "http://scan.example",
        "null",
        "https://scan.example/path",
        "javascript:alert(1)",
        "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        "https://xn--scn-8cd.example",  # Latin s and n with a Cyrillic a between them
        "https://scan.example:443",
        "https://scan.example.",
    ],
)
def test_only_pages_of_the_web_may_ask(shared: Running, origin: str) -> None:
    """T09."""
    assert Site(shared.port, origin).pair().status == 403


def test_who_is_no_page_cannot_ask(shared: Running) -> None:
    """A script has `sheetfed token`; our own page has its nonce."""
    key = Site(shared.port, "https://scan.example").key

    for caller in (shared, shared.tool, own_page(shared)):
        assert caller.post("/v1/pairings", {"key": key}).status == 403


def test_a_site_cannot_decide_about_itself(shared: Running, site: Site) -> None:
    """R11: not even an approved one may look at what a person decides, or do it for them."""
    site.enter()

    tried = [
        site.get("/v1/sites"),
        site.post("/v1/sites", {"origin": site.origin, "state": "approved"}),
        site.ask("DELETE", f"/v1/sites?origin={site.origin}"),
        site.post("/v1/pairings/pair_x/approve", {"code": "123456"}),
        site.post("/v1/pairings/pair_x/block"),
    ]
    hidden = [
        site.post("/v1/page-nonces"),
        site.post("/v1/local-tokens"),
        shared.post("/v1/local-tokens"),
        own_page(shared).post("/v1/page-nonces"),
    ]

    assert [answer.status for answer in tried] == [403] * 5
    assert [answer.status for answer in hidden] == [404] * 4
    assert site.post("/v1/page-tokens", {"nonce": "x"}).status == 403


def test_a_script_cannot_approve(shared: Running) -> None:
    """A token that leaked from a script's output lets no site in."""
    assert shared.get("/v1/sites").status == 403
    body = {"origin": "https://scan.example", "state": "approved"}
    assert shared.post("/v1/sites", body).status == 403


def test_a_challenge_is_good_once(site: Site) -> None:
    """B09, replay: a signature that somebody read on its way opens nothing."""
    challenge = site.challenge().json
    signature = site.sign(challenge)

    answers = [site.prove(challenge, signature) for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 401]


def test_a_wrong_signature_uses_the_challenge_up(site: Site) -> None:
    challenge = site.challenge().json

    wrong = site.prove(challenge, text_of(b"\1" * 64))
    right = site.prove(challenge)

    assert (wrong.status, right.status) == (401, 401)


@pytest.mark.parametrize(
    "instead",
    [
        {"origin": "https://other.example"},
        {"service_id": text_of(b"\0" * 32)},
        {"challenge": text_of(b"\0" * 32)},
    ],
)
def test_what_was_signed_for_another_is_no_proof(site: Site, instead: dict[str, str]) -> None:
    """B09: another origin, another service, another challenge."""
    challenge = site.challenge().json

    answer = site.prove(challenge, site.sign(challenge, **instead))

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_challenge_of_another_site_or_key_is_no_proof(shared: Running, site: Site) -> None:
    other = Site(shared.port, CONFIGURED)
    same_site = Site(shared.port, site.origin)

    answers = [
        other.prove(site.challenge().json),
        same_site.prove(site.challenge().json),
        site.prove({"challenge": "never given", "service_id": "x"}),
    ]

    assert [answer.status for answer in answers] == [401, 401, 401]


def test_all_failures_look_the_same(shared: Running, site: Site) -> None:
    """T10: who tries learns nothing from the answer."""
    challenge = site.challenge().json
    answers = [
        site.prove({**challenge, "challenge": "x"}),
        site.prove(challenge, text_of(b"\1" * 64)),
        site.get("/v1/devices"),
    ]

    assert len({answer.body for answer in answers}) == 1


@pytest.mark.parametrize("signature", ["", "AAAA", "!" * 86, "A" * 86, "A" * 200])
def test_a_signature_that_is_none_is_refused(site: Site, signature: str) -> None:
    challenge = site.challenge().json
    body = {"key": site.key, "challenge": challenge["challenge"], "signature": signature}

    assert site.post("/v1/tokens", body).status in (401, 422)


def _spki(key: Any) -> bytes:
    made: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return made


_GOOD = _spki(ec.generate_private_key(ec.SECP256R1()).public_key())
BAD_KEYS = {
    "nothing": "",
    "no base64": "*" * 122,
    "padded": urlsafe_b64encode(_GOOD).decode() + "=",
    "cut": text_of(_GOOD[:-1]),
    "longer": text_of(_GOOD + b"\0"),
    "zeros": text_of(bytes(91)),
    "off the curve": text_of(_GOOD[:-1] + bytes([_GOOD[-1] ^ 1])),
    "at infinity": text_of(_GOOD[:27] + bytes(64)),
    "P-384": text_of(_spki(ec.generate_private_key(ec.SECP384R1()).public_key())),
    "Koblitz": text_of(_spki(ec.generate_private_key(ec.SECP256K1()).public_key())),
    "Ed25519": text_of(_spki(ed25519.Ed25519PrivateKey.generate().public_key())),
    "RSA": text_of(_spki(rsa.generate_private_key(65537, 2048).public_key()))[:200],
}


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=[*BAD_KEYS])
def test_a_key_that_is_not_p256_is_refused(site: Site, key: str) -> None:
    """One key has one form, so that nobody has two."""
    answers = [
        site.post("/v1/pairings", {"key": key}),
        site.post("/v1/challenges", {"key": key}),
        site.post("/v1/tokens", {"key": key, "challenge": "x", "signature": "x"}),
    ]

    assert [answer.status for answer in answers] == [422] * 3
    assert {fault["pointer"] for answer in answers for fault in answer.json["errors"]} == {"/key"}


def test_a_key_that_nobody_approved_gets_no_challenge(running: Running) -> None:
    """R12: the person said yes to one browser, not to whoever names the site."""
    site = Site(running.port, "https://scan.example")
    approve(running, site.pair().json)
    other = Site(running.port, "https://scan.example")

    assert site.challenge().status == 201
    assert other.challenge().status == 403


def test_a_blocked_site_gets_no_further(running: Running) -> None:
    site = Site(running.port, "https://scan.example")
    asked = site.pair().json
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(site.state, asked["id"], wait=20)

        blocked = own_page(running).post(f"/v1/pairings/{asked['id']}/block")

        assert waiting.result(5) == "blocked"
    assert blocked.status == 200
    assert site.pair().status == 403
    assert site.challenge().status == 403
    assert site.get("/v1/devices").status == 403
    (line,) = [line for line in audit(running) if line["what"] == "block"]
    assert (line["who"], line["result"], line["site"]) == ("local", "done", site.origin)


def test_the_wrong_code_approves_nobody(running: Running) -> None:
    asked = Site(running.port, "https://scan.example").pair().json
    wrong = {**asked, "code": f"{(int(asked['code']) + 1) % 1_000_000:06}"}

    refused = approve(running, wrong)
    unknown = approve(running, {**asked, "id": "pair_x"})
    nothing = running.tool.post("/v1/pairings/pair_x/block")

    assert (refused.status, unknown.status, nothing.status) == (409, 404, 404)
    assert approve(running, asked).status == 200
    assert approve(running, asked).status == 409


def test_revoking_ends_tokens_and_streams_at_once(running: Running) -> None:
    """R14, L03: within a second, and without a restart."""
    site = Site(running.port, "https://scan.example")
    approve(running, site.pair().json)
    site.enter()
    ear = Ear(site)
    ear.start()
    ear.ready.wait(5)
    assert site.get("/v1/devices").status == 200

    begun = time.monotonic()
    revoked = own_page(running).ask("DELETE", f"/v1/sites?origin={site.origin}")
    ear.join(5)

    assert (revoked.status, revoked.json) == (200, {"documents": 0})
    assert time.monotonic() - begun < 1.0
    assert site.get("/v1/devices").status == 403
    assert site.challenge().status == 403
    assert running.tool.get("/v1/sites").json["items"][0]["origin"] == CONFIGURED


@pytest.mark.parametrize("ask", ["revoke", "block"])
def test_the_person_is_no_site(running: Running, ask: str) -> None:
    """What is asked of "local" as if it were a site ends none of the person's own jobs."""
    job = running.scan(source="feeder", sheets=50, speed=60)

    if ask == "revoke":
        running.tool.ask("DELETE", "/v1/sites?origin=local")
    else:
        running.tool.post("/v1/sites", {"origin": "local", "state": "blocked"})

    assert running.get(f"/v1/jobs/{job['id']}").json["state"] in {"waiting", "scanning"}


def test_a_revoked_site_leaves_no_documents(running: Running) -> None:
    """Nobody could see or delete them any more; those of others stay."""
    running.post("/v1/documents", {"title": "mine"})
    for number in range(2):
        running.as_site("https://scan.example").post("/v1/documents", {"title": str(number)})

    revoked = running.tool.ask("DELETE", "/v1/sites?origin=https://scan.example")

    assert revoked.json == {"documents": 2}
    assert running.as_site("https://scan.example").get("/v1/documents").json["items"] == []
    assert len(running.get("/v1/documents").json["items"]) == 1
    told = [line for line in audit(running) if line["what"] == "delete"]
    assert [(line["site"], line["documents"]) for line in told] == [("https://scan.example", 2)]


def test_a_revoked_site_s_documents_are_kept_where_that_is_wanted(running: Running) -> None:
    running.as_site("https://scan.example").post("/v1/documents", {"title": "its"})

    revoked = running.tool.ask("DELETE", "/v1/sites?origin=https://scan.example&documents=keep")

    assert revoked.json == {"documents": 0}
    assert len(running.as_site("https://scan.example").get("/v1/documents").json["items"]) == 1


def test_revoking_all_takes_the_documents_of_all(running: Running) -> None:
    for number in range(2):
        running.as_site(f"https://s{number}.example").post("/v1/documents", {"title": "its"})
    running.post("/v1/documents", {"title": "mine"})

    revoked = running.tool.ask("DELETE", "/v1/sites")

    assert revoked.json == {"documents": 2}
    assert len(running.get("/v1/documents").json["items"]) == 1


def test_what_a_site_scans_just_now_goes_with_it(running: Running) -> None:
    site = running.as_site("https://scan.example")
    wish = {"device": "sample:paper", "settings": {**BATCH, "speed": 0, "sheets": 500}}
    assert site.post("/v1/jobs", wish).status == 201
    end = time.monotonic() + 20
    while not any(each["page_count"] for each in site.get("/v1/documents").json["items"]):
        assert time.monotonic() < end
        time.sleep(0.1)

    revoked = running.tool.ask("DELETE", "/v1/sites?origin=https://scan.example")

    assert revoked.json == {"documents": 1}
    assert running.as_site("https://scan.example").get("/v1/documents").json["items"] == []


BATCH = {"speed": 60, "resolution": 75, "source": "feeder", "sheets": 50}
"""A scan that does not end by itself while a test looks at it."""

ONE = {"device": "sample:paper", "settings": {"speed": 0, "resolution": 75}}


def test_revoking_stops_the_device(running: Running) -> None:
    """R14: a site that was just refused moves no more paper."""
    site = running.as_site("https://scan.example")
    assert site.post("/v1/jobs", {"device": "sample:paper", "settings": BATCH}).status == 201

    running.tool.post("/v1/sites", {"origin": "https://scan.example", "state": "blocked"})

    assert running.post("/v1/jobs", ONE).status == 201


def test_revoking_stops_what_is_only_about_to_start(running: Running) -> None:
    """R14: a device takes a while to open, and the site is refused meanwhile."""
    site = running.as_site("https://scan.example")
    wish = {"device": "sample:paper", "settings": BATCH}
    with ThreadPoolExecutor() as threads:
        starting = threads.submit(site.post, "/v1/jobs", wish)
        time.sleep(0.1)  # its driver's process is being started

        running.tool.ask("DELETE", "/v1/sites?origin=https://scan.example")

        assert isinstance(starting.exception(10), ConnectionError)  # cut off at once
    end = time.monotonic() + 5
    while running.post("/v1/jobs", ONE).status != 201:
        assert time.monotonic() < end
        time.sleep(0.1)
    scans = [(line["who"], line["result"]) for line in audit(running) if line["what"] == "scan"]
    assert ("https://scan.example", "done") in scans  # it did start, and was stopped


def test_the_administrator_s_sites_are_changed_in_the_file(running: Running) -> None:
    """The page and the command line say where."""
    page = own_page(running)

    answers = [
        page.ask("DELETE", f"/v1/sites?origin={CONFIGURED}"),
        page.post("/v1/sites", {"origin": CONFIGURED, "state": "blocked"}),
    ]

    for answer in answers:
        assert answer.status == 409
        assert "sheetfed.toml, line 3" in answer.json["details"]["advice"]
    site = Site(running.port, CONFIGURED)
    assert site.pair().json["state"] == "approved"
    assert site.enter().get("/v1/devices").status == 200
    (row,) = running.tool.get("/v1/sites").json["items"]
    assert (row["from"], row["state"], row["keys"]) == ("configuration", "approved", 0)
    assert row["last_used"] >= row["first_used"] > 0


def test_a_restart_keeps_approvals_and_tabs_and_nothing_else(running: Running) -> None:
    site = Site(running.port, "https://scan.example")
    first = site.pair().json
    approve(running, first)
    site.enter()
    page = own_page(running)
    running.stop()

    with Running(running.home) as again:
        site.port = page.port = again.port
        page.headers["Origin"] = f"http://127.0.0.1:{again.port}"

        assert page.get("/v1/sites").status == 200
        assert site.get("/v1/devices").status == 401
        challenge = site.challenge().json
        knows(first["service"], site.origin, challenge)
        assert site.prove(challenge).status == 201
        assert site.get(f"/v1/pairings/{first['id']}").status == 404


def test_a_damaged_key_of_the_service_is_said_and_can_be_replaced(running: Running) -> None:
    """Sites that knew the old key must be asked about again; all else goes on."""
    site = Site(running.port, "https://scan.example")
    old = site.pair().json
    approve(running, old)
    running.stop()
    with sqlite3.connect(running.home / "store" / "store.db") as database:
        database.execute("UPDATE service_key SET sealed = zeroblob(length(sealed))")
    database.close()

    with Running(running.home) as again:
        site.port = again.port
        damaged = site.challenge()
        assert again.get("/v1/devices").status == 200
        assert again.tool.ask("DELETE", "/v1/sites").status == 200
        fresh = site.pair()
        approve(again, fresh.json)

        assert (damaged.status, damaged.json["code"]) == (410, "store-damaged")
        assert "sheetfed sites revoke --all" in damaged.json["details"]["advice"]
        assert fresh.json["service"] != old["service"]
        assert site.enter().get("/v1/devices").status == 200


def test_a_nonce_opens_our_page_once_and_from_our_page_only(running: Running) -> None:
    """R11: neither a script nor a site that learnt the nonce gets in with it."""
    home = f"http://127.0.0.1:{running.port}"
    nonces = [running.tool.post("/v1/page-nonces").json["nonce"] for _ in range(2)]
    page = Caller(running.port, {"Origin": home, "Sec-Fetch-Site": "same-origin"})
    script = Caller(running.port)
    site = Site(running.port, "https://scan.example")
    other = Caller(running.port, {"Origin": home, "Sec-Fetch-Site": "same-site"})

    strangers = [c.post("/v1/page-tokens", {"nonce": nonces[0]}) for c in (script, site, other)]
    answers = [
        page.post("/v1/page-tokens", {"nonce": nonce}) for nonce in (*nonces, nonces[0], "x")
    ]

    assert [answer.status for answer in strangers] == [403] * 3
    assert [answer.status for answer in answers] == [201, 201, 401, 401]


def test_a_nonce_ends_in_time(shared: Running) -> None:
    nonce = shared.tool.post("/v1/page-nonces", {"lasts": 1}).json["nonce"]
    home = f"http://127.0.0.1:{shared.port}"
    page = Caller(shared.port, {"Origin": home, "Sec-Fetch-Site": "same-origin"})

    time.sleep(1.1)

    assert page.post("/v1/page-tokens", {"nonce": nonce}).status == 401


def test_no_token_code_or_nonce_is_written_down(tmp_path: Path) -> None:
    """R23, M08: not in the audit log, not in the store, not in what the service says."""
    with Running(configure(tmp_path / "home")) as running:
        site = Site(running.port, "https://scan.example")
        asked = site.pair().json
        approve(running, asked)
        token = site.prove(site.challenge().json).json["token"]
        page = own_page(running)
        running.process.terminate()
        said = "".join(running.process.communicate(timeout=15))

    secrets = [token, asked["code"], page.headers["Authorization"].removeprefix("Bearer ")]
    kept = b"".join(file.read_bytes() for file in running.home.rglob("*") if file.is_file())
    for secret in (secrets[0], secrets[2]):
        assert secret.encode() not in kept
    assert asked["code"] not in json.dumps(audit(running))
    assert not any(secret in said for secret in secrets)
    tokens = [line for line in audit(running) if line["what"] == "token"]
    assert (site.origin, "done", "site") in [
        (line["who"], line["result"], line["kind"]) for line in tokens
    ]
