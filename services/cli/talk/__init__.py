"""What `pianola ask` and `pianola chat` share: where a question goes, what it wants, and how an answer is stopped."""
