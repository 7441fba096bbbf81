// Placeholder of NAR hashes, replaced by the first file.
