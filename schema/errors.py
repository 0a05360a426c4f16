"""The errors of the pure rooms: who is to blame is in the type.

Pure. Imported by every room; `server/errors.py` adds the errors only a running server has.
"""

from __future__ import annotations


class SheetError(Exception):
    """Root of all our errors: a stable `code`, a `message` for people, a `hint` on what to do."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.hint = hint


class SchemaError(SheetError):
    """A definition, field or value that is not what the sheet says."""


class ProtocolError(SheetError):
    """The peer's fault: a frame or update that is malformed, too large or unexpected."""
