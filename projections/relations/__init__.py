"""How do actors stand to each other?  Relations are only derived: each has its rule, and the events that opened, confirmed or closed it."""
