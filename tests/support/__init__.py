"""What tests share: real processes in a home of their own, a browser, a server in Ollama's place."""
