"""TLS on the bid port."""

import ssl

from bidder.config.schema import Server


class TlsError(Exception):
    """Certificate or key cannot be used; the message says which files, and why."""


def tls_context(server: Server) -> ssl.SSLContext | None:
    """What the bid port encrypts with; `None` where it speaks plain HTTP. Raises `TlsError`."""
    if server.tls_certificate is None or server.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(server.tls_certificate, server.tls_key)
    except (OSError, ssl.SSLError) as error:
        files = f"tls_certificate {server.tls_certificate}, tls_key {server.tls_key}"
        raise TlsError(f"{files}: {error.strerror or error}") from error
    return context
