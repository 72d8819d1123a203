"""What all models share: how one is described, built, saved, loaded and counted."""
