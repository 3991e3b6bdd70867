"""Which hosts are this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether nothing that is sent to this host name or address leaves this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
