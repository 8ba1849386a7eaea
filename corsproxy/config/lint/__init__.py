"""What is legal but unwise, or contradicts itself: one function for each rule."""
