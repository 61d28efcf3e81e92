"""What the model may do: carry out, propose or refuse its instructions, show cards for them in the chat, and undo."""
