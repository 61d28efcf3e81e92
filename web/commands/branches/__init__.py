"""What the user does with a single message: edit it, ask for another answer, fork, delete it, rewind to it."""
