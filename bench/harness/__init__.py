"""What the programs in this folder share. Standard library only."""
