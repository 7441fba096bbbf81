// Placeholder of signatures, replaced by the first file.
