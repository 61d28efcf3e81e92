"""What a card offers beside its buttons, as HTML."""
