"""What completes the steps of a checklist that a person completes."""

from __future__ import annotations

COMMANDS = {
    "human_approval_gate": "learning-loop backlog approve {key} --by WHO",
    "regression_test_implementation": "learning-loop backlog check {key} regression_test_implementation --by WHO"
    " --evidence LINK",
    "shadow_re_evaluation": "learning-loop shadow record pass {key}",
}
