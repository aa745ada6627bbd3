"""The configuration directory: what people write (schema), how it is read (load), what is wrong with it (check)."""
