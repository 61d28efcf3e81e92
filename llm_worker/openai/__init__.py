"""Servers that speak OpenAI's chat protocol: llama.cpp's server, LM Studio, vLLM, hosted services.

Read `server` (requests), `request` (from Ollama's form to OpenAI's), `chunks` (answers), `lists` (models), `traits`
(what a server understands beyond the protocol).
"""
