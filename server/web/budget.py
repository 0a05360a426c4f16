"""How much of the server's time rendering for readers may take while others write.

Pure: the time comes in. Imported by `server.web`. Readers come in thousands and each commit makes what they read stale; the edits of the
living go first, so that under load readers get the last rendering for a little longer.
"""

from __future__ import annotations

RENDER_SHARE = 0.1  # at most a tenth of the time
SPARE_S = 0.2  # a burst that needs no waiting: a small workbook is always fresh
MAX_DEBT_S = 0.5  # nothing is served for longer than five seconds


class Budget:
    """Seconds of rendering still free; they come back at `RENDER_SHARE` a second."""

    __slots__ = ("_counted_s", "_left_s")

    def __init__(self, now_s: float) -> None:
        self._left_s = SPARE_S
        self._counted_s = now_s

    def allows(self, now_s: float) -> bool:
        """Whether something may be rendered anew although an older rendering would do."""
        self._come_back(now_s)
        return self._left_s > 0

    def spend(self, cost_s: float, now_s: float) -> None:
        """Count what a rendering that has just ended cost."""
        self._come_back(now_s)
        self._left_s = max(-MAX_DEBT_S, self._left_s - cost_s)

    def _come_back(self, now_s: float) -> None:
        self._left_s = min(SPARE_S, self._left_s + RENDER_SHARE * (now_s - self._counted_s))
        self._counted_s = now_s
