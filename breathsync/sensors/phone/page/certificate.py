"""A certificate of this machine's own: browsers give motion to pages over HTTPS only, and no authority signs for a
computer in somebody's living room. The phone warns once; the fingerprint shown beside the code is how one knows.
"""

import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID = timedelta(days=365)
RENEW_BEFORE = timedelta(days=7)
CERTIFICATE, KEY = "phone-certificate.pem", "phone-key.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The machine's certificate: `fingerprint` is its SHA-256, as browsers show it."""

    certificate: Path
    key: Path
    fingerprint: str

    def context(self) -> ssl.SSLContext:
        """TLS for a server with this certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


def identity(folder: Path, *, host: str, now: datetime | None = None) -> Identity:
    """The certificate for `host` (an address of this machine), made anew when there is none or it no longer fits.

    The key can be read by its owner only.
    """
    now = now or datetime.now(UTC)
    certificate, key = folder / CERTIFICATE, folder / KEY
    kept = _kept(certificate, key, host=host, now=now)
    if kept is None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = _make(certificate, key, host=host, now=now)
    digest = kept.fingerprint(hashes.SHA256())
    return Identity(certificate=certificate, key=key, fingerprint=":".join(f"{byte:02X}" for byte in digest))


def _kept(certificate: Path, key: Path, *, host: str, now: datetime) -> x509.Certificate | None:
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        fits = ip_address(host) in names.get_values_for_type(x509.IPAddress)
    except (OSError, ValueError, x509.ExtensionNotFound):
        return None
    return found if fits and key.exists() and now < found.not_valid_after_utc - RENEW_BEFORE else None


def _make(certificate: Path, key: Path, *, host: str, now: datetime) -> x509.Certificate:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "breathsync on this machine")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    key.unlink(missing_ok=True)
    with os.fdopen(os.open(key, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return made
