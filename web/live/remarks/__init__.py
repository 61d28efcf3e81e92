"""The assistant's remarks in the tabs: shown beside the app that they are about."""
