"""What every tab shows and how it changes: the hub, tabs, streams, events, queries, counts."""
