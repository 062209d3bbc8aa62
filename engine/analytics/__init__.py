"""What happened, in figures: frames in, frames out."""
