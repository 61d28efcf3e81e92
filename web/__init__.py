"""The web process: HTTP, the WebSocket of each browser tab, and the HTML of the page.

A part imports only parts that stand below it in this list:

- `serving`: makes all parts and connects them; `__main__` starts it
- `app`: the routes
- `commands/`: what a browser tab sends; `commands/table.py` lists every command
- `why/`: the causes of a row, card or message; what conflicts with an undo
- `files/`: import, export, uploads
- `live/`: what every tab shows and how it changes: hub, tabs, events, streams, queries
- `html/`: functions from state to elements
- `state/`: what a page shows, as plain data
- `gate`: which requests get in
- `sign_in/`: the browsers that are signed in, and the pages for those that are not

`health`, `port`, `server` and `store_client` import none of these. `assets` installs the page's third-party
scripts; `static/` holds scripts and styles.
"""
