"""What programs may do that come with a key or a name of their own, and how their questions are followed."""
