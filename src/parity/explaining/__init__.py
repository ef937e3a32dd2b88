"""Questions of `parity explain`: numbers typed one by one, a printed table, two engines, or engines as shipped."""

from parity.explaining.answer import Answer, Asked
from parity.explaining.engines import NoEstimate, explain_engines
from parity.explaining.shipped import explain_all_shipped, explain_shipped
from parity.explaining.tables import explain_table, read_text
from parity.explaining.typed import explain_printed, typed_targets

__all__ = [
    "Answer", "Asked", "NoEstimate", "explain_all_shipped", "explain_engines", "explain_printed", "explain_shipped",
    "explain_table", "read_text", "typed_targets",
]  # fmt: skip
