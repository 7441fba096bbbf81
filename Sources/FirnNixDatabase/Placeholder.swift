// Placeholder of the Nix database, replaced by the first file.
