"""Our page as it comes: with words to be read at once."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from html import escape
from pathlib import Path
from posixpath import dirname, join, normpath
from secrets import token_bytes

from sheetfed.server.guard.headers import page_policy

OURS = "en"
"""What the page says where a browser speaks none of its languages."""

_SENTENCE = re.compile(r'^  (\w+): ("(?:[^"\\]|\\.)*"),$', re.MULTILINE)
_SAID = re.compile(r'data-say="(\w+)">')
_NAMED = re.compile(r'data-(label|hint)="(\w+)"')
_ATTRIBUTES = {"label": "aria-label", "hint": "placeholder"}
_SHEET = re.compile(r'<link rel="stylesheet" href="(?:/at/\w+)?/([^"]+)">')
_SIGN = re.compile(r'<img src="/([^"]+\.svg)" alt=""([^>]*)>')
_IMPORT = re.compile(r'^(?:import|export) (?:[^"]* from )?"(\.[^"]+)";$', re.MULTILINE)
_FIRST = ("app/app.js", "app/early.js", "app/first.js", "app/rooms.js")
_SPEAKING = (
    "app/words/{}.js",
    "client/elements/words/{}.js",
    "client/elements/told/{}.js",
    "client/elements/facts/{}.js",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The page as it leaves, and what it may do in a browser."""

    body: bytes
    policy: str


class Shell:
    """The page before any script of it runs, in the language of its reader.

    Its style sheets and its sign stand in it: each file more would keep a browser from painting.
    All that it loads stands under a name that changes with the files, so that a browser may keep
    it. Each run of the service has names of its own: who takes our port for a while cannot leave
    with the browser what it would take for ours afterwards.
    """

    def __init__(self, web: Path, files: Iterable[Path]) -> None:
        self._web = web
        self._files = sorted(files)
        self._secret = token_bytes(16)
        self._pages: dict[str, Front] = {}
        self.version = ""
        self._languages = {each.stem for each in self._files if each.parent == web / "app/words"}

    def page(self, accepted: str) -> Front:
        """Return the page for a browser that accepts these languages."""
        facts = [(each.st_mtime_ns, each.st_size) for each in map(Path.stat, self._files)]
        version = blake2b(repr(facts).encode(), key=self._secret, digest_size=12).hexdigest()
        if version != self.version:
            self.version, self._pages = version, {}
        language = self._language(accepted)
        if language not in self._pages:
            self._pages[language] = self._made(f"/at/{version}", language)
        return self._pages[language]

    def _language(self, accepted: str) -> str:
        """Return the first that is spoken here; browsers name them in the order of their wish."""
        wanted = (each.strip().split(";")[0].split("-")[0] for each in accepted.split(","))
        return next((each for each in wanted if each in {*self._languages, OURS}), OURS)

    def _made(self, place: str, language: str) -> Front:
        words = self._words("app/words.js")
        if language != OURS:
            words |= self._words(f"app/words/{language}.js")

        page = self._text("app/index.html")
        page = _SAID.sub(lambda found: found[0] + escape(words[found[1]]), page)
        page = _NAMED.sub(
            lambda found: f'{found[0]} {_ATTRIBUTES[found[1]]}="{escape(words[found[2]])}"', page
        )
        page = page.replace(f'lang="{OURS}"', f'lang="{language}"', 1)
        links = (f'<link rel="modulepreload" href="/{each}">' for each in self._graph(language))
        page = page.replace("</template>", f"{''.join(links)}</template>", 1)
        page = _SIGN.sub(lambda found: self._sign(*found.groups()), page)
        page = re.sub(r'="/(app|client)/', rf'="{place}/\1/', page)
        # Last: the policy names each sheet by its digest, so that nothing may touch it after that.
        sheets = {name: self._text(name) for name in _SHEET.findall(page)}
        page = _SHEET.sub(lambda found: f"<style>{sheets[found[1]]}</style>", page)
        return Front(body=page.encode(), policy=page_policy([*sheets.values()]))

    def _sign(self, name: str, size: str) -> str:
        """Return a drawing as it stands in the page; its words are beside it."""
        return self._text(name).replace("<svg ", f'<svg aria-hidden="true"{size} ', 1)

    def _words(self, name: str) -> dict[str, str]:
        return {key: json.loads(text) for key, text in _SENTENCE.findall(self._text(name))}

    def _graph(self, language: str) -> list[str]:
        """Return the modules of the page, each root's nearest first.

        None is to wait until another names it, and what asks for devices is there soonest.
        """
        others = () if language == OURS else (each.format(language) for each in _SPEAKING)
        found: list[str] = []
        for first in (*_FIRST, *others):
            waiting = deque([first])
            while waiting:
                name = waiting.popleft()
                if name not in found:
                    found.append(name)
                    named = _IMPORT.findall(self._text(name))
                    waiting.extend(normpath(join(dirname(name), each)) for each in named)
        return found

    def _text(self, name: str) -> str:
        return (self._web / name).read_text("utf-8")
