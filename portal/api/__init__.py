"""The API: the same records under the same row scope and lens, for programs that hold a key."""
