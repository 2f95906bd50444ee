"""What a shop that goes on is watched by: whether its data are as ever, and what came true."""
