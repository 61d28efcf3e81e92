"""The files of our own code: where they lie (`folder`), which version they are (`version`), and when they changed (`state`)."""
