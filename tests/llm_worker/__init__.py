"""Tests of llm_worker/."""
