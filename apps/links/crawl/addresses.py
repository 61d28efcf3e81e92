"""Addresses: URLs in one spelling, which of them belong to a site, and which machines may be asked."""

import ipaddress
import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from apps.work.progress import JobFailed

LONGEST_URL = 2_000
PORTS = {"http": 80, "https": 443}
CONTROL = re.compile(r"[\x00-\x20\x7f]")
SAFE = "/:@!$&'()*+,;=-._~%"
"""Characters of a path or query that are not encoded (again)."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that lead to the IPv4 address in their last 32 bits."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def normal(url: str, base: str = "") -> str:
    """Return a URL in the one spelling that we use, without fragment; "" if it is none of http or https.

    `base`: the page that links to it.
    """
    try:
        parts = urlsplit(urljoin(base, CONTROL.sub("", url)))
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
        if scheme not in PORTS or not host:
            return ""
        name = host if host.isascii() else host.encode("idna").decode()
    except ValueError:  # also UnicodeError: a host name that cannot be encoded
        return ""
    name = f"[{name}]" if ":" in name else name.rstrip(".")
    place = name if port in (None, PORTS[scheme]) else f"{name}:{port}"
    path, query = quote(without_dots(parts.path), safe=SAFE), quote(parts.query, safe=f"{SAFE}?[]")
    made = urlunsplit((scheme, place, path, query, ""))
    return made if name and len(made) <= LONGEST_URL else ""


def without_dots(path: str) -> str:
    """Return a path without `.` and `..` (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    if parts and parts[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def site_of(url: str) -> str:
    """Return the site of a URL in our spelling: its host, with the port if it is no usual one."""
    return urlsplit(url).netloc


def path_of(url: str) -> str:
    """Return path and query of a URL."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def start_address(text: str) -> str:
    """Return where a crawl starts; raises `JobFailed` for what is no address of a page."""
    text = text.strip()
    scheme, separator, _ = text.partition("://")
    if separator and scheme.lower() not in PORTS:
        raise JobFailed(f"{text!r:.200} is an address of {scheme!r:.20}. Only http and https can be crawled.")
    found = normal(text if separator else f"https://{text}")
    if not found or " " in text:
        raise JobFailed(f"{text!r:.200} is not the address of a page. Write it as https://example.com/")
    return found


def is_private(address: Address) -> bool:
    """Return whether an address is not one of the public network: loopback, private, link-local, metadata and so on."""
    if isinstance(address, ipaddress.IPv6Address):
        if inside := address.ipv4_mapped or address.sixtofour:
            return is_private(inside)
        if address in NAT64:
            return is_private(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return not address.is_global or address.is_multicast


def names_private(url: str) -> bool:
    """Return whether a URL in our spelling names a private address itself; host names are not resolved."""
    host = urlsplit(url).hostname or ""
    try:
        return is_private(ipaddress.ip_address(host))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
