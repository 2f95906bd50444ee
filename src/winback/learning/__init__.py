"""The return model: fitted, judged against nobody here, saved and loaded."""
