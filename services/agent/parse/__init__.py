"""Read the model's reply: find instructions, convert them to one form, check them against the app's tables."""
