"""Answers, comments and summaries: from a question to the stored end of its answer, and recovery after a crash."""
