"""What people see: pages for a terminal, JSON for programs, errors with their cure; the only package that imports rich."""
