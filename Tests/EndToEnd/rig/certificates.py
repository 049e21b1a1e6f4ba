"""Certificates by OpenSSL, as users make them."""

import subprocess
from pathlib import Path


def self_signed(folder: Path, name: str = "localhost", days: int = 30, stem: str = "tls") -> tuple[Path, Path]:
    """A certificate and its key, made by OpenSSL."""
    certificate, key = folder / f"{stem}.pem", folder / f"{stem}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
         str(days), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1", "-keyout", key, "-out",
         certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key
