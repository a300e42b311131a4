"""What tests share: commands, golden cases, pictures and plugins made for them."""
