"""Taking everything out that a workspace keeps."""
