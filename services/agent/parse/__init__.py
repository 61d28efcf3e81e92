"""Read the model's reply: find instructions, bring them into one form, check them against the app's tables."""
