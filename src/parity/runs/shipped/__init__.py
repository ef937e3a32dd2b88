"""A run as shipped: every engine with its own defaults against the declared convention, every difference explained.

`plan_shipped` says what must be asked, `judge_shipped` asks it and gives the records of each plan.
Imports the plan and the worker of `runs`, the defaults of `engines`, and the diagnosis. No default is described here.
"""

from parity.runs.shipped.plan import ShippedPlan, plan_shipped
from parity.runs.shipped.rounds import judge_shipped

__all__ = ["ShippedPlan", "judge_shipped", "plan_shipped"]
