"""What the model does: carry out its instructions, propose them, take them back, and the cards that tell about it."""
