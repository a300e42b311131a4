"""What a command says on the terminal."""
