"""Commands about the assistant's remarks."""
