"""Debian's own servers, each a process of its own on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any

import asyncssh
from certificates import Authority
from daemon import Daemon
from line import ELSEWHERE, Line, TwinLine
from places import PASSWORD
from programs import known_hosts
from spare import free_port

ME = pwd.getpwuid(os.getuid()).pw_name


class OpenSsh(Daemon):
    """OpenSSH's sshd, which lets in whoever has the key; the key has a passphrase."""

    protocol = "sftp"

    def prepare(self) -> None:
        host = asyncssh.generate_private_key("ssh-ed25519")
        key = asyncssh.generate_private_key("ssh-ed25519")
        self.other = self.home / "other"
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(self.other)
        host.write_private_key(self.home / "host")
        key.write_private_key(self.home / "key", "pkcs8-pem", passphrase=PASSWORD)
        key.write_public_key(self.home / "authorized")
        for name in ("host", "key", "other"):
            (self.home / name).chmod(0o600)
        self.known = known_hosts(self.home / "known", host)
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        (self.home / "config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.home}/host\n"
            f"AuthorizedKeysFile {self.home}/authorized\nPidFile none\nStrictModes no\n"
            "UsePAM no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\n"
        )

    def command(self) -> list[str]:
        return ["/usr/sbin/sshd", "-D", "-e", "-f", str(self.home / "config")]

    def own(self, port: int) -> dict[str, Any]:
        return {
            "url": f"sftp://127.0.0.1:{port}{self.folder}",
            "user": ME,
            "key": str(self.home / "key"),
            "passphrase": PASSWORD,
            "known-hosts": str(self.known),
            "internal": True,
        }

    def wrong(self) -> dict[str, Any]:
        return {"key": str(self.other), "passphrase": ""}


class Vsftpd(Daemon):
    """vsftpd with TLS; data must come over the session of the commands."""

    protocol = "ftp"

    def prepare(self) -> None:
        self.authority = Authority(self.home / "tls")
        certificate, key = self.authority.server("localhost", ELSEWHERE)
        self.data = (first := free_port()), first + 1
        (self.home / "empty").mkdir(mode=0o555)
        (self.home / "passwords").write_text(f"{PASSWORD}\n")
        root = self.home / "root"
        self.folder = root / "in"  # the root itself must not be writable
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o777)
        root.chmod(0o555)
        config = self.home / "config"
        config.write_text(
            f"listen=YES\nlisten_address=127.0.0.1\nlisten_port={self.port}\nbackground=NO\n"
            "anonymous_enable=YES\nlocal_enable=NO\nwrite_enable=YES\nanon_upload_enable=YES\n"
            "anon_mkdir_write_enable=YES\nanon_other_write_enable=YES\nanon_umask=022\n"
            "anon_world_readable_only=NO\nseccomp_sandbox=NO\n"
            f"anon_root={root}\nsecure_chroot_dir={self.home}/empty\n"
            f"secure_email_list_enable=YES\nemail_password_file={self.home}/passwords\n"
            f"ssl_enable=YES\nallow_anon_ssl=YES\nforce_anon_logins_ssl=YES\n"
            f"force_anon_data_ssl=YES\nrequire_ssl_reuse=YES\nrsa_cert_file={certificate}\n"
            f"rsa_private_key_file={key}\nssl_ciphers=HIGH\nsetproctitle_enable=NO\n"
            "strict_ssl_read_eof=YES\nstrict_ssl_write_shutdown=NO\ndelay_failed_login=0\n"
            f"pasv_min_port={self.data[0]}\npasv_max_port={self.data[1]}\n"
            f"xferlog_enable=NO\n{self.identity()}"
        )
        config.chmod(0o644)

    @staticmethod
    def identity() -> str:
        """Return as whom it serves: its own account, or who runs the tests."""
        if os.getuid() == 0:
            return "nopriv_user=nobody\n"
        return "run_as_launching_user=YES\n"

    def line(self, **how: Any) -> Line:
        return TwinLine(self.port, *self.data, **how)

    def command(self) -> list[str]:
        return ["/usr/sbin/vsftpd", str(self.home / "config")]

    def own(self, port: int) -> dict[str, Any]:
        host = "localhost" if port == self.port else ELSEWHERE
        return {
            "url": f"ftps://{host}:{port}/in",
            "user": "anonymous",
            "password": PASSWORD,
            "ca": str(self.authority.file),
            "internal": True,
        }


class Samba(Daemon):
    """Debian's samba, with one share and one account, which is that of the tests."""

    protocol = "smb"
    room = 3 << 20

    def prepare(self) -> None:
        for name in ("private", "state", "lock", "run", "ncalrpc"):
            (self.home / name).mkdir(mode=0o755)
        (self.home / "config").write_text(
            f"""[global]
            interfaces = 127.0.0.1/8
            bind interfaces only = yes
            smb ports = {self.port}
            server role = standalone server
            disable netbios = yes
            load printers = no
            printcap name = /dev/null
            map to guest = never
            server min protocol = SMB2
            passdb backend = tdbsam:{self.home}/private/accounts.tdb
            private dir = {self.home}/private
            state directory = {self.home}/state
            cache directory = {self.home}/state
            lock directory = {self.home}/lock
            pid directory = {self.home}/run
            ncalrpc dir = {self.home}/ncalrpc
            log file = {self.home}/log
            [scans]
            path = {self.folder}
            read only = no
            """
        )
        subprocess.run(
            ["/usr/bin/smbpasswd", "-c", self.home / "config", "-a", "-s", ME],
            input=f"{PASSWORD}\n{PASSWORD}\n",
            text=True,
            check=True,
            capture_output=True,
        )

    def command(self) -> list[str]:
        return ["/usr/sbin/smbd", "-F", "--no-process-group", "-s", str(self.home / "config")]

    def own(self, port: int) -> dict[str, Any]:
        return {
            "url": f"smb://localhost:{port}/scans",
            "user": ME,
            "password": PASSWORD,
            "internal": True,
        }


DAEMONS = (OpenSsh, Vsftpd, Samba)
assert all(shutil.which(name, path="/usr/sbin:/usr/bin") for name in ("sshd", "vsftpd", "smbd"))
