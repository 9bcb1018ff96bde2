"""What a user puts in: membranes, the modules that hold them, their pores, and what a pore hinders."""
