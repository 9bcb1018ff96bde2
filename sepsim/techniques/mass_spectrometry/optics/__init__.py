"""Elements of an ion beam's path: each gives its coefficients, its exact map and its field."""
