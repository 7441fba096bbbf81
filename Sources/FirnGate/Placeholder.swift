// Placeholder of the gate, replaced by the first file.
