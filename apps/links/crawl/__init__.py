"""The crawler: which addresses are asked, how, when, and what is read in an answer."""
