"""Reading the alert topic: following it, and ending a run that an alert says to stop."""
