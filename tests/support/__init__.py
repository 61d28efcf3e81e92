"""What tests share: real processes in a home of their own, a browser, a server that stands in for Ollama."""
