"""Pure functions that turn what a page shows (`web.state`) into HTML elements."""
