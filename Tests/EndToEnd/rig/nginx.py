"""Debian's nginx, with the configuration that docs/reverse-proxies.md shows."""

import re
import socket
import subprocess
import tempfile
from pathlib import Path

from . import ports, processes
from .certificates import self_signed
from .server import ROOT

DOCUMENT = ROOT / "docs" / "reverse-proxies.md"

_MAIN = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log warn;
{user}
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""


def documented() -> str:
    """The example of the document."""
    return re.search(r"```nginx\n(.*?)```", DOCUMENT.read_text(), re.DOTALL).group(1)


class Nginx:
    """Passes `/cameras/` on to a server on this machine, by HTTP or by HTTPS."""

    def __init__(self, server_port: int, uses_tls: bool = False):
        self.port = ports.free_port()
        self.url = f"{'https' if uses_tls else 'http'}://localhost:{self.port}/cameras"
        text = documented()
        # The example with this machine's ports, and nothing else changed.
        self._replacements = [("127.0.0.1:8100", f"127.0.0.1:{server_port}")]
        self._uses_tls = uses_tls
        self._text = text

    def __enter__(self):
        self._directory = tempfile.TemporaryDirectory()
        folder = Path(self._directory.name)
        (folder / "nginx.conf").write_text(self._configuration(folder))
        command = ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self._log = (folder / "output").open("wb")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        processes.wait_until(lambda: self._listens(folder), 10, "nginx that listens")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)
        self._log.close()
        self._directory.cleanup()

    def _configuration(self, folder: Path) -> str:
        text = self._text
        listen = f"listen 127.0.0.1:{self.port}"
        if self._uses_tls:
            certificate, key = self_signed(folder)
            self._replacements += [
                ("listen 443", listen), ("/etc/ssl/home.example.pem", certificate), ("/etc/ssl/home.example.key", key),
            ]  # fmt: skip
        else:
            text = "\n".join(line for line in text.splitlines() if "ssl_certificate" not in line)
            self._replacements += [("listen 443 ssl", listen)]
        for old, new in self._replacements:
            assert old in text, f"the example has no {old}"
            text = text.replace(old, str(new))
        user = "user root;" if Path("/proc/self").stat().st_uid == 0 else ""
        return _MAIN.format(folder=folder, user=user, servers=text)

    def _listens(self, folder: Path) -> bool:
        assert self._process.poll() is None, (folder / "output").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
