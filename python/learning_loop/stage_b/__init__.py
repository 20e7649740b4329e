"""Stage-B: what is sequential in the reflections of a run. Pure functions over Arrow; the rest of Stage-B is SQL."""

from learning_loop.stage_b.credit import windowed_credit
from learning_loop.stage_b.ledger import rule_ledger
from learning_loop.stage_b.posterior import beta_posteriors
from learning_loop.stage_b.uplift import rule_uplift

__all__ = ["beta_posteriors", "rule_ledger", "rule_uplift", "windowed_credit"]
