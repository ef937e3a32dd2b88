"""The data of scenarios: the study's, or an edit of them; what no edit touches is evaluated once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from parity.base.errors import ColumnProblem, InputError
from parity.data.evaluate import Panel
from parity.diagnose.scenario import Scenario
from parity.study.formula import columns_of
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

#: Designs and fits kept at once; a design of 100,000 rows takes some 10 MB. Frames too, but more of them where they are
#: short: an edit that makes scores anew costs far more than its frame takes.
KEPT, KEPT_FRAMES, FRAME_ROWS = 12, 256, 100_000


class Frames:
    """Of one study; the last ones are kept."""

    def __init__(self, study: Study, original: pd.DataFrame, panel: Panel):
        self.study, self.original, self.panel = study, original, panel
        self._evaluated: dict[tuple, Any] = {}
        self._reads: dict[tuple, set[str]] = {}
        self._edited: OrderedDict[tuple, Any] = OrderedDict()

    def of(self, scenario: Scenario) -> tuple[pd.DataFrame, dict[tuple, Any]]:
        """The data of a scenario, and what has been evaluated of them: the memo of `build_design`."""
        edits = tuple(e for e in scenario.edits if hasattr(e, "frame"))
        if not edits:
            return self.original, self._evaluated
        most = max(KEPT, min(KEPT_FRAMES, FRAME_ROWS // max(len(self.original), 1)))
        return kept(self._edited, edits, lambda: self._under(edits), most)

    def _under(self, edits: tuple) -> tuple[pd.DataFrame, dict[tuple, Any]]:
        """Raises `ColumnProblem` where a column can't be made of data that are edited so."""
        before = self._edited.get(edits[:-1])
        frame = self.original if before is None else before[0]
        for edit in edits if before is None else edits[-1:]:
            try:
                frame = edit.frame(frame, self.study)
            except InputError as error:  # of the study's own lines, which no user can mend here
                raise ColumnProblem(str(error)) from None
        changes = [self._changed(edit) for edit in edits]
        if None in changes:
            return frame, {}
        changed = {c for columns in changes for c in columns}  # the rows are the same, and so are all other columns
        return frame, Unchanged(self._evaluated, lambda key: changed.isdisjoint(self._read_by(key)))

    def _changed(self, edit: Any) -> Iterable[str] | None:
        """Columns that an edit changes; None where it changes rows."""
        return edit.changed(self.study) if hasattr(edit, "changed") else getattr(edit, "columns", None)

    def _read_by(self, key: tuple) -> set[str]:
        """Columns behind an entry of the memo."""
        if key not in self._reads:
            self._reads[key] = self.columns_behind(key)
        return self._reads[key]

    def columns_behind(self, key: tuple) -> set[str]:
        if key[0] == "time":
            return {self.panel.time or ""}
        if key[0] == "codes":
            return set(key[1])
        read = {c for part in key[1:] if part is not None and not isinstance(part, str | bool) for c in columns_of(part)}
        shifts = {c for c in (self.panel.unit, self.panel.time) if c}  # lags read the panel
        return read | shifts


class Unchanged(dict):
    """What has been evaluated of edited data; at first what the original's memo holds and no edit touches.

    Only what is asked for by `in` is looked at, as `sample.columns.Reading` asks before it reads: a design reads some ten
    entries, and the original's memo comes to hold thousands.
    """

    def __init__(self, original: Mapping[tuple, Any], untouched: Callable[[tuple], bool]):
        super().__init__()
        self.original, self.untouched = original, untouched

    def __contains__(self, key: object) -> bool:
        if super().__contains__(key):
            return True
        if key not in self.original or not self.untouched(key):
            return False
        self[key] = self.original[key]
        return True


def kept(store: OrderedDict, key: tuple, make: Any, most: int = KEPT) -> Any:
    if key not in store:
        store[key] = make()
        while len(store) > most:
            store.popitem(last=False)
    store.move_to_end(key)
    return store[key]
