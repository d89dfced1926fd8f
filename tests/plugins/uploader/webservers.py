"""Web servers: nginx, also before another one; Apache and WsgiDAV."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import sys
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from certificates import Authority
from daemon import Daemon
from places import PASSWORD, USER, Place, account
from programs import Http


class _Nginx(Daemon):
    """nginx over TLS."""

    def prepare(self) -> None:
        self.authority = Authority(self.home / "tls")
        certificate, key = self.authority.server("localhost")
        for name in ("temporary", "other"):
            (self.home / name).mkdir(mode=0o777)
        user = "user root;" if os.getuid() == 0 else ""
        (self.home / "config").write_text(
            f"""{user} daemon off; worker_processes 1; pid {self.home}/pid;
            error_log {self.home}/log;
            events {{ worker_connections 64; }}
            http {{
              access_log off; client_max_body_size 0;
              client_body_temp_path {self.home}/temporary; proxy_temp_path {self.home}/other;
              fastcgi_temp_path {self.home}/other; uwsgi_temp_path {self.home}/other;
              scgi_temp_path {self.home}/other;
              server {{
                listen 127.0.0.1:{self.port} ssl; listen [::1]:{self.port} ssl;
                ssl_certificate {certificate}; ssl_certificate_key {key};
                ssl_client_certificate {self.authority.file}; ssl_verify_client optional;
                {self.site()}
              }}
            }}
            """
        )

    @abstractmethod
    def site(self) -> str:
        """Return what it serves."""

    def command(self) -> list[str]:
        return ["/usr/sbin/nginx", "-c", str(self.home / "config")]


class Nginx(_Nginx):
    """nginx with WebDAV, for who has a client certificate or the password."""

    protocol = "webdav"

    def site(self) -> str:
        (self.home / "passwords").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        return f"""
            root {self.folder}; dav_methods PUT DELETE MKCOL MOVE; create_full_put_path on;
            satisfy any; auth_basic office; auth_basic_user_file {self.home}/passwords;
            location /certified/ {{
              if ($ssl_client_verify != SUCCESS) {{ return 403 "Show a certificate"; }}
              auth_basic off; alias {self.folder}/;
            }}
            location /small/ {{ client_max_body_size 1k; alias {self.folder}/; }}
            """

    def own(self, port: int) -> dict[str, Any]:
        return account(f"https://localhost:{port}/", ca=str(self.authority.file))


class Fronted(_Nginx):
    """The receiver of forms with nginx before it, as most are."""

    protocol = "http"

    def start(self) -> None:
        self.receiver = Http(self.folder)
        super().start()

    def site(self) -> str:
        return f"location / {{ proxy_pass http://127.0.0.1:{self.receiver.port}; }}"

    def own(self, port: int) -> dict[str, Any]:
        where = {"url": f"https://localhost:{port}/in", "ca": str(self.authority.file)}
        return {**self.receiver.own(port), **where, "plain": False}

    def wrong(self) -> dict[str, Any]:
        return self.receiver.wrong()

    def arrived(self) -> Mapping[str, bytes]:
        return self.receiver.arrived()

    def clear(self) -> None:
        self.receiver.clear()

    @contextmanager
    def full(self) -> Iterator[None]:
        """Let no file of either grow."""
        with super().full(), self.receiver.full():
            yield

    def close(self) -> None:
        super().close()
        self.receiver.close()


class Apache(Daemon):
    """Apache with WebDAV, for who has the password."""

    protocol = "webdav"

    def start(self) -> None:
        # It serves as nobody, who cannot look into the folders of tests.
        self.folder = Path(mkdtemp(prefix="sheetfed-apache-")) / "in"
        self.folder.mkdir()
        super().start()

    def prepare(self) -> None:
        self.folder.chmod(0o777)
        (self.home / "locks").mkdir()
        (self.home / "locks").chmod(0o777)
        hashed = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
        (self.home / "passwords").write_text(f"{USER}:{{SHA}}{hashed}\n")
        modules = "mpm_event authn_core authn_file authz_core authz_user auth_basic dav dav_fs"
        loaded = "\n".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
            for name in modules.split()
        )
        # It refuses to serve as root.
        who = "User nobody\nGroup nogroup" if os.getuid() == 0 else ""
        (self.home / "config").write_text(
            f"""{loaded}
            {who}
            ServerRoot {self.home}
            DefaultRuntimeDir {self.home}
            PidFile {self.home}/pid
            ErrorLog {self.home}/log
            ServerName localhost
            Listen 127.0.0.1:{self.port}
            ServerLimit 1
            StartServers 1
            ThreadsPerChild 25
            MaxRequestWorkers 25
            DocumentRoot {self.folder}
            DavLockDB {self.home}/locks/all
            <Directory {self.folder}>
              AllowOverride None
              Dav On
              AuthType Basic
              AuthName office
              AuthUserFile {self.home}/passwords
              Require valid-user
            </Directory>
            """
        )

    def command(self) -> list[str]:
        return ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f", str(self.home / "config")]

    def own(self, port: int) -> dict[str, Any]:
        return account(f"http://127.0.0.1:{port}/", plain=True)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Let no file grow; nobody's processes must be born so."""
        self.stop()
        with Place.full(self):
            self.run()
        try:
            yield
        finally:
            self.restart()

    def arrived(self) -> Mapping[str, bytes]:
        """Return what has a name; its own half files are hidden, and nobody's document."""
        found = super().arrived()
        return {name: data for name, data in found.items() if "/.davfs.tmp" not in f"/{name}"}

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.folder.parent)


class WebDav(Daemon):
    """WsgiDAV, with passwords."""

    protocol = "webdav"

    def prepare(self) -> None:
        config = {
            "host": "127.0.0.1",
            "port": self.port,
            "provider_mapping": {"/": str(self.folder)},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "http_authenticator": {
                "accept_basic": True,
                "accept_digest": False,
                "default_to_digest": False,
            },
            "server_args": {"numthreads": 10},
        }
        (self.home / "config.json").write_text(json.dumps(config))

    def command(self) -> list[str]:
        program = Path(sys.executable).with_name("wsgidav")
        return [str(program), "--quiet", "--config", str(self.home / "config.json")]

    def own(self, port: int) -> dict[str, Any]:
        return account(f"http://127.0.0.1:{port}/", plain=True)


WEBSERVERS = (Nginx, Fronted, Apache, WebDav)
assert all(shutil.which(name, path="/usr/sbin") for name in ("nginx", "apache2"))
