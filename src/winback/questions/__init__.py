"""Questions of their own, on a file or on what the stages made: churn, tune, explain, measure."""
