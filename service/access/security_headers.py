"""The headers by which a browser protects the reader of an answer. Every answer has them, also those without the application.

HSTS is the proxy's: Tocsin speaks no TLS.
"""

from __future__ import annotations

CONTENT_SECURITY_POLICY = "Content-Security-Policy"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    CONTENT_SECURITY_POLICY: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
PAGE_POLICY = (
    "default-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For the page to try the API: only files of this server and requests to it. `frame-ancestors` does what X-Frame-Options did."""
