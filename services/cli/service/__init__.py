"""`pianola service`: start Pianola at login, by systemd (Linux) or launchd (macOS).

Read `command` first, then `manager` (what both have in common, and which one is here), then `systemd` and `launchd`
(their files, and how they are told).
"""
