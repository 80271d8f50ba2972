"""What a registration says of a run: its identity, its environment, what the script declared."""
