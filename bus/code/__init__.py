"""The files of our own code: where they are (`folder`), of which version (`version`), changed when (`state`)."""
