"""How are views read?  A selection of fields becomes one SQL statement that gives the finished JSON."""
