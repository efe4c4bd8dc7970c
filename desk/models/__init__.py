from .digest import Delivery, Digest, DigestAddress, DigestPolicy, DigestRun

__all__ = ["Delivery", "Digest", "DigestAddress", "DigestPolicy", "DigestRun"]
