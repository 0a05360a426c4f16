"""What can be wrong with a file somebody gave us to import.

Pure. Raised under `server/imports`; the web and the command line show code, message and hint.
"""

from __future__ import annotations

from schema.errors import SheetError


class ImportFailed(SheetError):
    """The file, or the map given with it, cannot be used; nothing was written."""
