// Placeholder of history, replaced by the first file.
