"""Apps by saying so: wishes and changes as people speak, and what is right for each."""
