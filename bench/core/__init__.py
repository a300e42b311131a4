"""Words and tools of every room: errors, rows, files, TOML, plugins, paths. No room, no torch."""
