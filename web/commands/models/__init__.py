"""What a tab sends about models: how one is asked, getting one, and the servers they come from."""
