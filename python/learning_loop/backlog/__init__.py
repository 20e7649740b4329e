"""People's side of the backlog: see what is in it and why, decide, and hand it to a tracker."""
