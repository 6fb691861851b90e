"""What does a shop say and how does it work? Content is data: packs, applied to the database, read as one Shop."""
