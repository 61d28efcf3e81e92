"""How code of apps is called: bounded in time, and recorded, so that a call that ends the process is known later."""
