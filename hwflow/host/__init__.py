"""The host's side of the link: frames, a link with deadlines, and accelerators behind it (see docs/link.md)."""
