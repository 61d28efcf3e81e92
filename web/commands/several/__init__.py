"""Commands about several rows at once: each is one order, so one undo takes it back."""
